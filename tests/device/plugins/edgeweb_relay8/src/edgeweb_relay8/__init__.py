"""Boards on I2C for edgeweb, through `smbus2`: an example of a package with a driver and a kind of sensor."""
