"""The command line as a module, for launchers that start modules:

torchrun --nproc_per_node 4 -m streamsep_offline.commands.train_program train umx --data DIR
"""

from streamsep.commands.main import main

if __name__ == "__main__":
    raise SystemExit(main())
