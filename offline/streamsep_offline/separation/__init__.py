"""Separation of whole recordings in blocks: sound in, stems out, in constant memory."""
