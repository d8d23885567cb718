"""What a performer sees and presses: the screen, plain lines where there is none, JSON for scripts."""
