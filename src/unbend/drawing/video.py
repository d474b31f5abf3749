"""Pictures in a row written as a film: mp4 (H.264, yuv420p) through PyAV, gif through Pillow.

It takes RGBA arrays of one size and knows nothing of what they show.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]  # (height, width, 4)


def write_mp4(path: Path, frames: Iterable[Frame], rate: int, hold: int) -> None:
    """Encode ``frames`` (each (height, width, 4), both even) at ``rate`` a second, and the last ``hold`` times more."""
    import av

    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream: Any = None
        picture: Any = None
        for frame in frames:
            stream = _stream(container, frame, rate) if stream is None else stream
            picture = av.VideoFrame.from_ndarray(frame, format="rgba")
            picture = picture.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
            container.mux(stream.encode(picture))
        for _ in range(hold):
            picture.pts = None
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def write_gif(path: Path, frames: Iterable[Frame], rate: int, hold: int, samples: Sequence[Frame]) -> None:
    """Write ``frames`` (each (height, width, 4)) as a gif that repeats; the last is shown ``hold`` frames longer.

    The palette comes from ``samples`` and is the same for the whole film, so that colours do not flicker.
    """
    from PIL import Image

    palette = Image.fromarray(np.concatenate([sample[..., :3] for sample in samples]))
    palette = palette.quantize(colors=255, method=Image.Quantize.MEDIANCUT)
    indexed = [
        Image.fromarray(np.ascontiguousarray(frame[..., :3])).quantize(palette=palette, dither=Image.Dither.NONE)
        for frame in frames
    ]
    each = round(1000 / rate)
    durations = [each] * (len(indexed) - 1) + [each * (hold + 1)]
    indexed[0].save(
        path, format="GIF", save_all=True, append_images=indexed[1:], duration=durations, loop=0, optimize=False
    )


def _stream(container: Any, frame: Frame, rate: int) -> Any:
    stream = container.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "veryfast"})
    stream.height, stream.width = frame.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.thread_type = "AUTO"
    stream.codec_context.colorspace = 1  # BT.709, as players expect of 720 lines
    stream.codec_context.color_primaries = 1
    stream.codec_context.color_trc = 1
    stream.codec_context.color_range = 1
    return stream
