"""WeChat Pay on loopback: API v3 over the true addresses, for merchants that exist nowhere else.

As strict as the true one: requests are believed by their signatures, answers and notices are
signed, notices are encrypted and repeated by the true schedule, bills are text in gzip. What the
true one does not have is `/simulator/…`, which steers it: who pays, what time it is, what goes
wrong.
"""
