"""
A camera without glass: pictures of a code as a camera over a counter would see it.

`optics` draws one frame under named conditions, seeded; `python -m simulators.camera` sends frames
as MJPEG, like v4l2-ctl, of whatever a scene file says is before the camera.
"""
