"""
Making a box a terminal: `python -m qr_terminals provision`.

`checks` looks at the box, `files` writes settings, unit and rules, `provision` does it in order.
The unit and the udev rules stand beside this file as they are installed, with @NAMES@ to fill in.
"""
