"""What the kernel offers to drivers: lines of GPIO chips that are held, and files of /sys."""
