"""What a device is to do: the profile and its checks, and the settings that a person may change on it."""
