"""Examples of cue models: mixes drawn and analysed once, stored in shards, drawn into batches."""
