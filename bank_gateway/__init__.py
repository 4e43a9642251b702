"""圈存前置 · the bank gateway: the only part of the project that talks to a bank.

A process, a configuration and a journal of its own. On one side the line to a bank, on the other
the server's API; nothing of the server is imported and no table of it is read.
"""
