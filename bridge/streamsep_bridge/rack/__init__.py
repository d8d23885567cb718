"""Racks: a chain of plug-ins (pedalboard's own, VST3, Audio Units) for every stem and for the sum."""
