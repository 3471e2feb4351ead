"""What runs the model: one runtime = one file + one line of the RUNTIMES table of `index/encode.py`."""
