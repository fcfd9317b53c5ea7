"""A small dual encoder in CLIP's architecture, trained on the phantom world's captioned frames.

It ships as `generator/weights/phantom-clip`, in the layout of a CLIP checkpoint, so that whatever
loads CLIP loads it. It knows the phantom world and nothing else.
"""
