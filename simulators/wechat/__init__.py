"""WeChat on loopback: login, phone number and subscribe messages over the true addresses.

As strict as the true one: codes live five minutes and work once, tokens are checked, a message
needs an acceptance. `/simulator/…` steers it: that part the true WeChat does not have.
"""
