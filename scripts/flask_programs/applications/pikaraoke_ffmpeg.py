"""Put ffmpeg on the PATH of PiKaraoke, which looks for it when it starts."""

from __future__ import annotations

from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

Path("bin/ffmpeg").symlink_to(get_ffmpeg_exe())
