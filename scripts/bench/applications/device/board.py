"""What the device is, whatever serves it: figures, outputs, users. The same object for every peer."""

import psutil

SECRET = "only for measurements, and not a secret at all"
USERS = {"admin": "correct horse"}
OUTPUTS = {
    number: {"number": number, "name": f"Output <{number}>", "on": number % 3 == 0} for number in range(1, 31)
}


def status():
    memory = psutil.virtual_memory()
    disk = psutil.disk_usage("/")
    return {
        "cpu_percent": psutil.cpu_percent(),
        "load": psutil.getloadavg()[0],
        "memory_total": memory.total,
        "memory_percent": memory.percent,
        "disk_total": disk.total,
        "disk_percent": disk.percent,
        "boot_time": psutil.boot_time(),
    }


def page():
    """The variables of the dashboard's template."""
    return {"title": "Greenhouse", "status": status(), "outputs": OUTPUTS.values()}


def switch(number, wish):
    """Set an output to what a request asks for; `ValueError` if that is not on or off."""
    on = wish.get("on") if isinstance(wish, dict) else None
    if not isinstance(on, bool):
        raise ValueError('expected {"on": true} or {"on": false}')
    OUTPUTS[number]["on"] = on
    return OUTPUTS[number]


def may_enter(user, password):
    return user in USERS and USERS[user] == password
