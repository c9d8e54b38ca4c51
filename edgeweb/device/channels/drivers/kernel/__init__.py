"""What the kernel offers to drivers: GPIO chips and their lines, and files of /sys."""
