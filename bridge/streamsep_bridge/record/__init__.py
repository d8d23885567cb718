"""Recording a live session: input, stems and mix into files that are valid at every moment."""
