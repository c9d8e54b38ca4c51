"""The pages in German."""

# Words: channel Kanal, output Ausgang, input Eingang, switch schalten, pulse Impuls, level of a dimmer
# Stellwert, schedule Zeitplan, history Verlauf, reading Messwert, log Protokoll, audit Änderungsprotokoll,
# backup Sicherung, restore wiederherstellen, second factor zweiter Faktor, token das Token (plural Token),
# profile Profil, user Benutzer, remove entfernen, revoke widerrufen, pause pausieren, machine Gerät.
# The person is "Sie". Roles are nouns (Ansicht, Bedienung, Verwaltung), in quotes within a sentence. A button
# is an infinitive ("Zeitplan hinzufügen"); what was done is "wurde ...". After a colon a sentence begins
# with a capital letter.

from __future__ import annotations

from collections.abc import Callable

from ...http.on_demand import on_demand

NAME = "Deutsch"


@on_demand
def plural() -> Callable[[int], str]:
    """Return CLDR's rule: 1 is singular."""
    return lambda count: "one" if count == 1 else "other"


@on_demand
def texts() -> dict[str, str]:
    """Return all texts, and the forms of numbers and dates: `live.sign`, `live.date`."""
    return {
        "direction": "ltr",
        "skip": "Zum Inhalt springen",
        "menu": "Menü",
        "refresh": "Aktualisieren",
        "filter": "Filtern",
        "language": "Sprache",
        "sign-in": "Anmelden",
        "sign-in.in-clear": (
            "Diese Verbindung ist unverschlüsselt (ohne TLS): Andere im Netzwerk können das Passwort"
            " mitlesen."
        ),
        "sign-in.encrypt": "Verbindung verschlüsseln",
        "sign-out": "Abmelden",
        "sign-in.forgotten": "Passwort vergessen?",
        "sign-in.forgotten-text": (
            "Jemand mit der Rolle „Verwaltung“ kann auf der Seite „Benutzer und Token“ ein neues setzen."
            " Wer das Gerät allein verwaltet, setzt es auf dem Gerät selbst, in dessen Terminal:"
        ),
        "sign-in.forgotten-memory": (
            "Jemand mit der Rolle „Verwaltung“ kann auf der Seite „Benutzer und Token“ ein neues setzen."
            " Wer das Gerät allein verwaltet, startet den Server neu: Er behält seine Benutzer nur im"
            " Speicher und zeigt dann einen neuen Einrichtungscode."
        ),
        "tls.why": (
            "Ihr Browser warnt vor diesem Gerät, weil er nicht weiß, wer dafür bürgt. Die Stellen, die"
            " Browser von Haus aus kennen, bürgen für Adressen im Internet, nicht für Geräte in einem"
            " Haushalt. Deshalb hat dieses Gerät eine eigene Zertifizierungsstelle."
        ),
        "tls.what": (
            "Importieren Sie diese einmal auf jedem Telefon und jedem Computer, den Sie verwenden. Danach ist"
            " die Verbindung verschlüsselt, der Browser warnt nicht mehr und prüft, dass er mit diesem Gerät"
            " spricht. Die Zertifizierungsstelle darf für dieses Gerät bürgen, für Namen, die auf .local"
            " enden, und für private Adressen, sonst für nichts."
        ),
        "tls.compare": "1. Prüfen Sie, dass es die richtige ist",
        "tls.compare-text": (
            "Noch schützt nichts diese Seite: Andere im Netzwerk könnten sie verändert haben. Geben Sie dies"
            " im Terminal des Geräts ein:"
        ),
        "tls.same": (
            "Es zeigt diesen Fingerabdruck (SHA-256). Weicht Ihrer auch nur in einem Zeichen ab, importieren"
            " Sie nichts."
        ),
        "tls.import": "2. Importieren Sie sie",
        "tls.download": "Zertifizierungsstelle herunterladen",
        "tls.called": (
            "Folgen Sie dann den Schritten für Ihr Gerät. Die Zertifizierungsstelle heißt {name}."
        ),
        "tls.android": (
            "Tippen Sie auf „Zertifizierungsstelle herunterladen“ und behalten Sie die Datei.\n"
            "Öffnen Sie die Einstellungen und suchen Sie nach „CA-Zertifikat“. Oder: „Sicherheit und"
            " Datenschutz“ → „Weitere Sicherheits- und Datenschutzeinstellungen“ → „Verschlüsselung und"
            " Anmeldedaten“ → „Zertifikat installieren“ → „CA-Zertifikat“.\n"
            "Tippen Sie auf „Trotzdem installieren“ und wählen Sie unter „Downloads“ die Datei"
            " authority.crt.\n"
            "In Firefox zusätzlich: „Einstellungen“ → „Über Firefox“, siebenmal auf das Logo tippen, zurück,"
            " dann „Geheime Einstellungen“ → „Zertifikate von Drittanbietern verwenden“."
        ),
        "tls.ios": (
            "Öffnen Sie diese Seite in Safari, tippen Sie auf „Zertifizierungsstelle herunterladen“, dann auf"
            " „Zulassen“.\n"
            "Öffnen Sie „Einstellungen“ → „Profil geladen“, tippen Sie auf „Installieren“ und geben Sie Ihren"
            " Code ein.\n"
            "Öffnen Sie „Einstellungen“ → „Allgemein“ → „Info“ → „Zertifikatsvertrauenseinstellungen“ und"
            " schalten Sie die Zertifizierungsstelle ein."
        ),
        "tls.windows": (
            "Klicken Sie auf „Zertifizierungsstelle herunterladen“ und öffnen Sie die Datei.\n"
            "Klicken Sie auf „Zertifikat installieren“, wählen Sie „Aktueller Benutzer“, dann „Weiter“.\n"
            "Wählen Sie „Alle Zertifikate in folgendem Speicher speichern“ → „Durchsuchen“ →"
            " „Vertrauenswürdige Stammzertifizierungsstellen“, dann „OK“, „Weiter“ und „Fertig stellen“.\n"
            "Beantworten Sie die Sicherheitswarnung mit „Ja“ und starten Sie den Browser neu."
        ),
        "tls.macos": (
            "Klicken Sie auf „Zertifizierungsstelle herunterladen“ und öffnen Sie die Datei: Die"
            " Schlüsselbundverwaltung öffnet sich. Fügen Sie sie dem Schlüsselbund „Anmeldung“ hinzu.\n"
            "Doppelklicken Sie dort auf die Zertifizierungsstelle und öffnen Sie „Vertrauen“.\n"
            "Wählen Sie bei „Bei Verwendung dieses Zertifikats“ die Einstellung „Immer vertrauen“, schließen"
            " Sie das Fenster und geben Sie Ihr Passwort ein."
        ),
        "tls.firefox": (
            "Unter Linux nutzt Firefox nicht, was das System kennt. Klicken Sie hier, in Firefox, auf"
            " „Zertifizierungsstelle herunterladen“.\n"
            "Setzen Sie den Haken bei „Dieser CA vertrauen, um Websites zu identifizieren“ und klicken Sie"
            " auf „OK“.\n"
            "Wenn Firefox die Datei nur speichert: „Einstellungen“ → „Datenschutz & Sicherheit“ →"
            " „Zertifikate“ → „Zertifikate anzeigen“ → „Zertifizierungsstellen“ → „Importieren“, dann die"
            " Datei wählen.\n"
            "Unter Windows und macOS folgen Sie deren Schritten weiter oben: Firefox übernimmt die"
            " Zertifizierungsstelle von dort."
        ),
        "tls.continue": "Mit verschlüsselter Verbindung weiter",
        "tls.afterwards": (
            "Öffnen Sie dieses Gerät danach über seine Adresse, die mit https:// beginnt, und achten Sie auf"
            " das geschlossene Schloss."
        ),
        "tls.none": (
            "Dieses Gerät hat noch keine eigene Zertifizierungsstelle, also gibt es nichts zu importieren."
            " Wer das Gerät besitzt, erstellt sie in dessen Terminal mit dem Befehl edgeweb tls init."
        ),
        "show": "Anzeigen",
        "page.kiosk": "Wandanzeige",
        "page.kiosk_closed": "Wandanzeige",
        "kiosk.closed": (
            "Diese Anzeige hat noch keinen Link, oder ihr Token gilt nicht mehr. Jemand mit der Rolle"
            " „Verwaltung“ erstellt auf der Seite „Benutzer und Token“ ein Token mit der Rolle „Ansicht“"
            " und öffnet dessen Link einmal auf diesem Gerät."
        ),
        "kiosk.link": (
            "Für eine Anzeige an der Wand: Öffnen Sie diese Adresse dort einmal. Sie zeigt, wofür das Token"
            " ist, sonst alle Kanäle und Sensoren. Mit dem Widerruf des Tokens endet sie."
        ),
        "kiosk.shows": "Wandanzeige: {titles}",
        "kiosk.only": "Für eine Wandanzeige, die nur einiges zeigt",
        "kiosk.only-hint": (
            "Wählen Sie, was die Anzeige zeigt. Mit der Rolle „Bedienung“ schaltet sie es auch; das"
            " Token öffnet sonst nichts."
        ),
        "kiosk.stale": "Keine Verbindung, neuer Versuch läuft.",
        "in-memory": (
            "Benutzer, Einstellungen und Zeitpläne gehen beim nächsten Start des Servers verloren: Laut"
            " Profil liegt der Zustand nur im Speicher. Geben Sie dort bei storage.state einen Ordner"
            " statt „memory“ an."
        ),
        "own-password": "Ihr eigenes Passwort zur Bestätigung",
        "not-persistent": (
            "Änderungen werden nicht dauerhaft gespeichert: {reason}. Sie gelten, bis der Server beendet"
            " wird."
        ),
        "page.overview": "Übersicht",
        "page.history": "Verlauf",
        "page.channels": "Kanäle",
        "page.schedules": "Zeitpläne",
        "page.services": "Dienste und Neustart",
        "page.logs": "Protokolle",
        "page.hardware": "Hardware",
        "page.settings": "Einstellungen",
        "page.people": "Benutzer und Token",
        "page.audit": "Änderungsprotokoll",
        "page.backup": "Sicherung",
        "page.reset": "Auf Werkseinstellungen zurücksetzen",
        "page.software": "Software",
        "page.about": "Info",
        "page.second_factor": "Zweiter Faktor",
        "page.second_factor_set_up": "Zweiter Faktor",
        "page.recovery_codes": "Wiederherstellungscodes",
        "page.add": "Kanal oder Sensor hinzufügen",
        "page.add_thing": "Hinzufügen",
        "page.thing": "Ändern",
        "page.ask": "Schalten?",
        "page.sign_in": "Anmelden",
        "page.tls": "Verschlüsselte Verbindung",
        "page.privacy": "Datenschutz",
        "page.set_up": "Dieses Gerät in Besitz nehmen",
        "page.error": "Das hat nicht geklappt",
        "role.viewer": "Ansicht",
        "role.operator": "Bedienung",
        "role.admin": "Verwaltung",
        "mode.output": "Ausgang",
        "mode.input": "Eingang",
        "mode.pwm": "Dimmer",
        "mode.button": "Taster",
        "live.on": "ein",
        "live.off": "aus",
        "live.unknown": "unbekannt",
        "live.yes": "ja",
        "live.no": "nein",
        "live.busy": "schaltet",
        "live.offline": "offline: {reason}",
        "live.live": "Live",
        "live.gone": "Keine Verbindung, neuer Versuch",
        "live.warnings.one": "{count} Warnung",
        "live.warnings.other": "{count} Warnungen",
        "live.no-warnings": "Keine Warnungen",
        "live.no-answer": "Das Gerät antwortet nicht.",
        "live.card-failed": (
            "Diese Karte lässt sich nicht anzeigen; den Grund nennt das Protokoll des Servers."
        ),
        "live.clock-set": "vom Netzwerk gestellt",
        "live.clock-unset": "noch nicht vom Netzwerk gestellt",
        "live.clock-unknown": "unbekannt",
        "live.log-empty": "Keine passenden Zeilen.",
        "live.log-cut": "(gekürzt)",
        "live.sign.point": ",",
        "live.sign.colon": ": ",
        "live.sign.B": "B",
        "live.sign.d": "d",
        "live.sign.h": "h",
        "live.sign.min": "min",
        "live.sign.s": "s",
        "live.age": "seit {time}",
        "live.age-now": "gerade eben",
        "live.date.months": "Jan. Febr. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
        "live.date.halves": "AM PM",
        "live.date.minute": "{hour}:{minute}",
        "live.date.second": "{hour}:{minute}:{second}",
        "live.date.day": "{day}. {month}",
        "live.date.year": "{day}. {month} {year}",
        "live.date.weekday": "{weekday}., {day}. {month}",
        "live.date.moment": "{date}, {time}",
        "live.figure.cpu_percent": "Auslastung",
        "live.figure.memory_used_percent": "Speicher",
        "live.figure.swap_used_percent": "Swap",
        "live.figure.temperature_celsius": "Sensor",
        "live.figure.network_receive_rate": "Empfangen",
        "live.figure.network_send_rate": "Gesendet",
        "live.figure.load_1m": "1 min",
        "live.figure.load_5m": "5 min",
        "live.figure.load_15m": "15 min",
        "live.figure.disk_used_percent": "Belegt",
        "live.figure.process_memory_bytes": "Speicher",
        "fault.under-voltage": (
            "Die Versorgungsspannung ist zu niedrig: Verwenden Sie ein stärkeres Netzteil oder ein kürzeres"
            " Kabel."
        ),
        "fault.frequency-capped": "Die Firmware begrenzt den Prozessortakt: Prüfen Sie Netzteil und Kühlung.",
        "fault.throttled": "Der Prozessor ist gedrosselt: Prüfen Sie Netzteil und Kühlung.",
        "fault.soft-temperature-limit": (
            "Die erste Temperaturgrenze ist erreicht: Die Platine braucht mehr Luft."
        ),
        "fault.name.under-voltage": "Unterspannung",
        "fault.name.frequency-capped": "Takt begrenzt",
        "fault.name.throttled": "Gedrosselt",
        "fault.name.soft-temperature-limit": "Temperaturgrenze",
        "warning": "{source}: nicht lesbar ({reason}).",
        "warning.channel": "{title} ist nicht erreichbar: {reason}.",
        "warning.unreadable": "{detail}",
        "warning.malformed": "unerwarteter Inhalt: {detail}",
        "warning.late": "keine Antwort innerhalb von {detail} s",
        "warning.no-thread": "zu wenig Arbeitsspeicher, um zu lesen",
        "warning.pending": "noch keine Antwort",
        "warning.source.processor": "Prozessorauslastung",
        "warning.source.load": "Systemlast",
        "warning.source.memory": "Arbeitsspeicher",
        "warning.source.swap": "Swap-Speicher",
        "warning.source.uptime": "Laufzeit",
        "warning.source.server": "Speicher dieses Servers",
        "warning.source.network": "Netzwerk",
        "warning.source.clock": "Zustand der Uhr",
        "warning.source.firmware": "Zustand von Stromversorgung und Kühlung",
        "warning.source.temperatures": "Temperaturen",
        "warning.source.disk": "Datenträger {subject}",
        "warning.low": "{title} liegt unter dem Grenzwert.",
        "warning.high": "{title} liegt über dem Grenzwert.",
        "overview.sensors": "Sensoren",
        "sensor.ok": "im zulässigen Bereich",
        "sensor.low": "zu niedrig",
        "sensor.high": "zu hoch",
        "sensor.waiting": "noch kein Wert",
        "warning.source.sensor": "Sensor {subject}",
        "warning.source.processes": "Prozessliste",
        "home.all-off": "Alles aus",
        "home.next": "Als Nächstes",
        "home.events": "Zuletzt geschehen",
        "home.state": "{title} {word}",
        "home.toggle": "{title} umschalten",
        "home.toggle-done": "{title} umgeschaltet",
        "home.pulse": "{title}: Impuls",
        "home.pulse-done": "{title}: Impuls",
        "home.value": "{title} auf {amount}",
        "home.failed": "{what}: fehlgeschlagen",
        "home.by": "von {who}",
        "home.by-schedule": "durch einen Zeitplan",
        "home.by-timer": "durch eine Zeitschaltung",
        "overview.machine": "Gerät",
        "overview.cores.one": "von {count} Kern",
        "overview.cores.other": "von {count} Kernen",
        "overview.temperature": "Temperatur",
        "overview.up": "Läuft seit",
        "overview.all-figures": "Alle Messwerte",
        "overview.processor": "Prozessor",
        "overview.core": "Kern {core}",
        "overview.load": "Last, {minutes} min",
        "overview.memory": "Arbeitsspeicher",
        "overview.used": "Belegt",
        "overview.free": "Frei",
        "overview.total": "Gesamt",
        "overview.swap": "Swap belegt",
        "overview.server": "Dieser Server",
        "overview.disk": "Datenträger",
        "overview.heat": "Temperatur und Stromversorgung",
        "overview.since-boot": "seit dem Start",
        "overview.network": "Netzwerk",
        "overview.interface": "Schnittstelle",
        "overview.received": "Empfangen",
        "overview.sent": "Gesendet",
        "overview.system": "System",
        "overview.uptime": "seit dem Start des Geräts",
        "overview.name": "Name",
        "overview.profile": "Profil",
        "overview.clock": "Uhr",
        "overview.processes": "Aktivste Prozesse",
        "overview.processes-show": "Aktivste Prozesse anzeigen",
        "overview.processes-hide": "Ausblenden",
        "overview.process": "Prozess",
        "things.none": (
            "Es gibt noch keine Kanäle und keine Sensoren. Was Sie hinzufügen, funktioniert sofort."
        ),
        "things.none-admin": "Jemand mit der Rolle „Verwaltung“ kann welche hinzufügen.",
        "things.add": "Hinzufügen",
        "things.add-more": "Kanal oder Sensor hinzufügen",
        "things.add-text": "Wählen Sie, woran es angeschlossen ist.",
        "things.hardware": "Freie Anschlüsse dieses Geräts ansehen",
        "things.add-channels": "Zum Schalten oder Überwachen",
        "things.add-sensors": "Zum Messen",
        "things.channels.gpio": "Ein Anschluss der Platine (GPIO)",
        "things.channels.led": "Eine LED der Platine",
        "things.channels.pwm": "Ein Dimmer oder Motor (PWM)",
        "things.channels.memory": "Nur im Speicher: zum Ausprobieren",
        "things.channels.command": "Ein Programm",
        "things.sensors.w1": "Ein Thermometer am 1-Wire-Bus",
        "things.sensors.iio": "Ein Wandler oder Sensor an I2C oder SPI (IIO)",
        "things.sensors.hwmon": "Ein Messwert der Platine (hwmon)",
        "things.sensors.file": "Eine Zahl in einer Datei",
        "things.sensors.command": "Ein Programm",
        "things.more": "Mehr",
        "things.id": "Kurzname für Programme; leer: aus dem Namen gebildet",
        "things.try": "Ausprobieren",
        "things.try-hint": (
            "„Ausprobieren“ schaltet einen Ausgang für eine halbe Sekunde ein oder liest einen Eingang."
            " Gespeichert wird nichts."
        ),
        "things.try-hint-sensors": "„Ausprobieren“ liest einmal. Gespeichert wird nichts.",
        "things.not-read": "Lesen nicht möglich: {reason}.",
        "things.tried": "Es war kurz eingeschaltet. Hat sich das Richtige bewegt, fügen Sie es hinzu.",
        "things.read": "Gelesen wurde: {state}.",
        "things.change": "Ändern",
        "things.save": "Speichern",
        "things.of-device": "auf dem Gerät festgelegt",
        "things.of-profile": "in einer Datei des Profils festgelegt",
        "things.remove": "Entfernen",
        "things.remove-channels": (
            "{title} wird nicht mehr geschaltet und nicht mehr angezeigt. Die Zeitpläne bleiben und"
            " warten auf einen Kanal dieses Namens."
        ),
        "things.remove-sensors": "{title} wird nicht mehr gelesen und nicht mehr angezeigt.",
        "things.pair-0": "Wenn aus",
        "things.pair-1": "Wenn ein",
        "things.range-0": "Niedrigster",
        "things.range-1": "Höchster",
        "things.override-": "wie in den Einstellungen",
        "things.override-true": "ja",
        "things.override-false": "nein",
        "thing.sums.one": "Insgesamt {time} eingeschaltet, {count} Mal geschaltet.",
        "thing.sums.other": "Insgesamt {time} eingeschaltet, {count} Mal geschaltet.",
        "thing.recorded": (
            "Bekannt sind {time} davon. In der übrigen Zeit lief der Server nicht, oder der Kanal war nicht"
            " erreichbar."
        ),
        "thing.on-for": "{time} eingeschaltet",
        "thing.word-sums.one": "Insgesamt {time} „{word}“, {count} Mal.",
        "thing.word-sums.other": "Insgesamt {time} „{word}“, {count} Mal.",
        "thing.word-for": "{time} {word}",
        "thing.no-schedule": "Kein Zeitplan schaltet diesen Kanal.",
        "thing.about": "Einzelheiten",
        "thing.kind": "Art",
        "thing.of-program": "Seine Werte kommen von einem Programm",
        "thing.id": "Name für Programme",
        # before an example, in the labels of options
        "thing.example": ", zum Beispiel ",
        "thing.read": "Letzte Messung",
        "thing.limits": "Grenzwerte",
        "thing.no-value": "Aus dieser Zeit gibt es noch keinen Messwert.",
        "thing.all-charts": "Alle Diagramme",
        "thing.no-event": "Es ist noch nichts geschehen.",
        "thing.all-events": "Alle Ereignisse",
        "ask.group": "Wirklich alles in {group} ausschalten? Vorher nachfragen sollen: {titles}.",
        "ask.question": "{title} wirklich schalten?",
        "ask.yes": "Schalten",
        "ask.no": "Abbrechen",
        "ask.reload": "Dieser Kanal fragt vor dem Schalten nach: Laden Sie die Seite neu.",
        "channels.viewer": "Sie können alles ansehen; zum Schalten brauchen Sie die Rolle „Bedienung“.",
        "channel.value": "Stellwert",
        "channel.set": "Einstellen",
        "channel.seconds": "Sekunden",
        "channel.pulse": "Impuls",
        "channel.press": "Drücken",
        "channel.interlock": (
            "Verriegelt mit {others}: Es kann immer nur einer eingeschaltet sein. Schalten Sie zuerst den"
            " anderen aus."
        ),
        "channel.max-on": "Schaltet sich nach {time} selbst aus.",
        "channel.on_count": "Einschaltungen",
        "channel.changed": "Letzte Änderung",
        "channel.driver": "Treiber",
        "history.span": "Gezeigter Zeitraum",
        "history.minutes": "10 Minuten",
        "history.hour": "1 Stunde",
        "history.day": "24 Stunden",
        "history.week": "1 Woche",
        "history.year": "1 Jahr",
        "history.zoom": "Zoom",
        "history.zoom-in": "Vergrößern",
        "history.zoom-out": "Verkleinern",
        "history.zoom-reset": "Alles",
        "history.off": (
            "Der Verlauf ist ausgeschaltet: Geben Sie in den Einstellungen unter „Verlauf“ an, wie viele"
            " Messwerte aufbewahrt werden."
        ),
        "history.empty": (
            "Es gibt noch keinen Messwert. Solange der Server läuft, kommt alle {time} einer hinzu."
        ),
        "history.hint": (
            "Ziehen Sie über ein Diagramm, um es zu vergrößern; ein Doppelklick zeigt es wieder ganz. Die"
            " Messwerte liegen im Arbeitsspeicher und gehen verloren, wenn der Server beendet wird."
        ),
        "history.hint-kept": (
            "Ziehen Sie über ein Diagramm, um es zu vergrößern; ein Doppelklick zeigt es wieder ganz. Die"
            " Woche ist nach Stunden gezeigt, das Jahr nach Tagen (UTC). Stundenwerte werden ein Jahr lang"
            " aufbewahrt."
        ),
        "history.empty-kept": "Es gibt noch keinen Stundenwert eines Sensors.",
        "history.table": "Tabelle herunterladen (CSV)",
        "history.figure": "Messgröße",
        "history.now": "Aktuell",
        "history.least": "Min.",
        "history.mean": "Mittel",
        "history.most": "Max.",
        "history.chart.processor": "Prozessor",
        "history.chart.memory": "Arbeitsspeicher",
        "history.chart.temperature": "Temperatur",
        "history.chart.network": "Netzwerk",
        "history.chart.load": "Systemlast",
        "history.chart.disk": "Datenträger",
        "history.chart.server": "Dieser Server",
        "services.title": "Dienste",
        "services.none": (
            "Das Profil nennt keinen Dienst. Tragen Sie Dienste in /etc/edgeweb/edgeweb.toml.d/services.toml"
            " ein, und starten Sie den Server neu:"
        ),
        "services.silent": "systemd antwortet nicht.",
        "service.active": "aktiv",
        "service.inactive": "inaktiv",
        "service.failed": "fehlgeschlagen",
        "service.activating": "startet",
        "service.deactivating": "stoppt",
        "service.reloading": "lädt neu",
        "services.restart": "Neu starten",
        "services.restart-text": (
            "{service} wird beendet und neu gestartet. Programme, die den Dienst nutzen, werden unterbrochen."
        ),
        "power.title": "Gerät",
        "power.reboot": "Gerät neu starten",
        "power.reboot-text": (
            "Alles wird beendet und neu gestartet. Das Gerät ist etwa eine Minute lang nicht erreichbar."
        ),
        "power.shutdown": "Gerät herunterfahren",
        "power.shutdown-text": (
            "Alles wird beendet. Danach muss das Gerät von Hand wieder eingeschaltet werden."
        ),
        "power.off": (
            "Das Profil erlaubt das nicht. Um es zu erlauben, setzen Sie im Profil system.power = true."
        ),
        "hardware.intro": (
            "Das ist dem Kernel bekannt. Für diese Seite wurde nichts belegt, geschaltet oder gemessen."
        ),
        "hardware.fault": "Nicht lesbar: {reason}.",
        "hardware.table": "Tabelle: {of}",
        "hardware.nothing": "Nichts angeschlossen.",
        "hardware.cut": "Es gibt noch mehr; gezeigt sind die ersten 512 Zeilen.",
        "hardware.bus.gpio": "GPIO-Leitungen",
        "hardware.bus.leds": "LEDs",
        "hardware.bus.pwm": "PWM-Ausgänge",
        "hardware.bus.onewire": "1-Wire",
        "hardware.bus.iio": "Wandler und Sensoren (IIO)",
        "hardware.bus.hwmon": "Hardware-Überwachung (hwmon)",
        "hardware.bus.i2c": "I2C-Busse",
        "hardware.bus.cameras": "Kameras",
        "hardware.none.gpio": "Dieses Gerät hat keinen GPIO-Chip, oder dessen Treiber ist nicht geladen.",
        "hardware.none.leds": "Dieses Gerät hat keine LEDs.",
        "hardware.none.pwm": (
            "Es gibt keinen PWM-Controller; auf einem Raspberry Pi fügt dtoverlay=pwm-2chan einen hinzu."
        ),
        "hardware.none.onewire": (
            "Es gibt keinen 1-Wire-Bus; auf einem Raspberry Pi fügt dtoverlay=w1-gpio einen hinzu."
        ),
        "hardware.none.iio": "Für keinen Wandler oder Sensor ist ein IIO-Treiber des Kernels geladen.",
        "hardware.none.hwmon": "Dieses Gerät hat keine Hardware-Überwachung.",
        "hardware.none.i2c": (
            "Es gibt keinen I2C-Bus; auf einem Raspberry Pi fügt dtparam=i2c_arm=on einen hinzu."
        ),
        "hardware.none.cameras": "Dieses Gerät hat kein Videogerät.",
        "hardware.direction.input": "Eingang",
        "hardware.direction.output": "Ausgang",
        "hardware.column.line": "Leitung",
        "hardware.column.name": "Name",
        "hardware.column.pin": "Pin",
        "hardware.column.direction": "Richtung",
        "hardware.column.used": "Belegt von",
        "hardware.column.used_by": "Benutzt von",
        "hardware.column.channel": "Schlüssel",
        "hardware.column.sensor": "Verwenden",
        "hardware.column.led": "LED",
        "hardware.column.max_brightness": "Stufen",
        "hardware.column.trigger": "Auslöser",
        "hardware.column.enabled": "Ein",
        "hardware.column.period_ns": "Periode (ns)",
        "hardware.column.duty_ns": "High (ns)",
        "hardware.column.device": "Gerät",
        "hardware.column.prefix": "Kanal",
        "hardware.column.kind": "Art",
        "hardware.column.unit": "Einheit",
        "hardware.column.value": "Wert",
        "hardware.column.input": "Eingang",
        "hardware.column.label": "Bezeichnung",
        "hardware.column.address": "Adresse",
        "hardware.column.driver": "Treiber",
        "hardware.column.path": "Gerätedatei",
        "logs.unit": "Dienst",
        "logs.priority": "Mindestens",
        "logs.lines": "Zeilen",
        "logs.text": "Enthält den Text",
        "logs.follow": "Mitlaufen",
        "priority.7": "Alles",
        "priority.6": "Information",
        "priority.5": "Hinweis",
        "priority.4": "Warnung",
        "priority.3": "Fehler",
        "people.users": "Benutzer",
        "people.name": "Name",
        "people.password": "Passwort",
        "people.new-password": "Neues Passwort, mindestens 10 Zeichen",
        "people.set-password": "Passwort ändern",
        "people.role": "Rolle",
        "people.set-role": "Rolle ändern",
        "people.roles": "„Ansicht“ darf alles ansehen, „Bedienung“ auch schalten, „Verwaltung“ darf alles.",
        "people.change": "Ändern",
        "people.remove": "Entfernen",
        "people.remove-text": (
            "{name} kann sich nicht mehr anmelden; alle Token und Sitzungen von {name} enden sofort."
        ),
        "people.add": "Benutzer hinzufügen",
        "factor": "Zweiter Faktor",
        "factor.hint": (
            "Mit einer Authenticator-App auf Ihrem Telefon reicht ein Passwort allein nicht mehr zum"
            " Anmelden. Die Uhr dieses Geräts muss dafür richtig gehen."
        ),
        "factor.set-up": "Einrichten",
        "factor.on": "Zum Anmelden brauchen Sie einen Code aus Ihrer App.",
        "factor.left.one": "Noch {count} Wiederherstellungscode ist übrig.",
        "factor.left.other": "Noch {count} Wiederherstellungscodes sind übrig.",
        "factor.scan": "Scannen Sie diesen Code mit der Authenticator-App auf Ihrem Telefon.",
        "factor.picture": "QR-Code mit dem Geheimnis",
        "factor.type": "Oder geben Sie das Geheimnis ein:",
        "factor.code": "Code",
        "factor.switch-on": "Einschalten",
        "factor.enter": (
            "Geben Sie den Code ein, den Ihre Authenticator-App jetzt anzeigt, oder einen"
            " Wiederherstellungscode."
        ),
        "factor.keep": (
            "Schreiben Sie diese Codes auf: Mit jedem können Sie sich einmal ohne Telefon anmelden. Sie"
            " werden nur jetzt angezeigt. Fehlen Telefon und Codes, lässt sich der zweite Faktor in der"
            " Verwaltung oder auf der Befehlszeile des Geräts entfernen."
        ),
        "factor.remove": "Zweiten Faktor ausschalten",
        "factor.remove-text": "Danach reicht zum Anmelden wieder das Passwort von {name}.",
        "factor.remove-own": "Danach reicht zum Anmelden wieder Ihr Passwort.",
        "sessions.title": "Angemeldete Browser",
        "sessions.this": "dieser",
        "sessions.seen": "Zuletzt aktiv:",
        "sessions.end": "Abmelden",
        "sessions.none": "Niemand ist mit einem Browser angemeldet.",
        "tokens.title": "Token",
        "tokens.hint": (
            "Ein Programm weist sich mit einem Token statt mit einem Passwort aus. Ein Token darf nie mehr"
            " als sein Benutzer."
        ),
        "tokens.none": "Es gibt noch kein Token.",
        "tokens.note": "Verwendungszweck",
        "tokens.number": "Nummer {number}",
        "tokens.add": "Token erstellen",
        "tokens.made": "Das neue Token",
        "tokens.once": "Kopieren Sie es jetzt: Es wird nicht noch einmal angezeigt.",
        "tokens.revoke": "Widerrufen",
        "people.end-tokens": "Auch alle Token dieses Benutzers widerrufen",
        "scope.accounts": "Benutzer, Rollen und Token",
        "scope.backup": "Sichern und wiederherstellen",
        "scope.power": "Dienste und Gerät neu starten",
        "scope.things": "Kanäle und Sensoren hinzufügen, ändern und entfernen",
        "scope.reset": "Gerät auf Werkseinstellungen zurücksetzen",
        "tokens.scopes": "Ohne Passwort darf es außerdem",
        "tokens.days": "Gültig",
        "tokens.days-0": "bis zum Widerruf",
        "tokens.days-30": "30 Tage",
        "tokens.days-90": "90 Tage",
        "tokens.days-365": "ein Jahr",
        "tokens.created": "Erstellt:",
        "tokens.used": "Zuletzt verwendet:",
        "tokens.expires": "Gültig bis:",
        "news.title": "Letzte Änderungen an Zugängen",
        "audit.text": "Enthält den Text",
        "audit.at": "Wann",
        "audit.who": "Wer",
        "audit.source": "Von",
        "audit.none": "Keine passenden Änderungen.",
        "audit.newest": "Neueste",
        "audit.older": "Ältere",
        "audit.file": "Alle Änderungen als Datei (JSON Lines)",
        "audit.what": "Was",
        "audit.not-done": "Nicht ausgeführt",
        "audit.local": "dieses Gerät",
        "audit.several": "mehrere Adressen",
        "audit.unknown-name": "ein unbekannter Name",
        "audit.unknown-token": "Dieses Token gibt es nicht.",
        "audit.who.-": "nicht angemeldet",
        "audit.who.timer": "eine Zeitschaltung",
        "audit.who.schedule": "ein Zeitplan",
        "audit.who.command line": "die Befehlszeile",
        "audit.result.on": "eingeschaltet",
        "audit.result.off": "ausgeschaltet",
        "audit.result.toggle": "umgeschaltet",
        "audit.result.switch": "geschaltet",
        "audit.result.pulse": "Impuls von {amount}",
        "audit.result.value": "auf {amount} gestellt",
        "audit.result.removed": "entfernt",
        "audit.do.channel.set": "{target}: {result}",
        "audit.do.channel.value": "{target}: {result}",
        "audit.do.channel.pulse": "{target}: {result}",
        "audit.do.channel.ramp": "{target}: {result}",
        "audit.do.channel.start": "{target}, beim Start des Servers: {result}",
        "audit.do.channel.exit": "{target}, beim Ende des Servers: {result}",
        "audit.do.channel.add": "Neuer Kanal {target}",
        "audit.do.channel.change": "Kanal {target} geändert",
        "audit.do.channel.remove": "Kanal {target} entfernt",
        "audit.do.sensor.add": "Neuer Sensor {target}",
        "audit.do.sensor.change": "Sensor {target} geändert",
        "audit.do.sensor.remove": "Sensor {target} entfernt",
        "audit.do.schedule.add": "Neuer Zeitplan {target}: {result}",
        "audit.do.schedule.change": "Zeitplan {target} geändert: {result}",
        "audit.do.schedule.remove": "Zeitplan {target} entfernt: {result}",
        "audit.do.schedule.run": "Zeitplan {target}: {result}",
        "audit.do.setting.change": "{target}: {result}",
        "audit.do.user.add": "Neuer Benutzer {target}: {result}",
        "audit.do.user.role": "Neue Rolle von {target}: {result}",
        "audit.do.user.password": "Neues Passwort von {target}",
        "audit.do.user.remove": "Benutzer {target} entfernt",
        "audit.do.user.second-factor": "Zweiter Faktor von {target}",
        "audit.do.user.second-factor-on": "Zweiter Faktor von {target} eingeschaltet",
        "audit.do.user.second-factor-off": "Zweiter Faktor von {target} ausgeschaltet",
        "audit.do.token.add": "Neues Token für {target}: {result}",
        "audit.do.token.revoke": "Token {target} widerrufen",
        "audit.do.token.revoke-all": "Alle Token von {target} widerrufen",
        "audit.do.token": "Verwendung eines Tokens",
        "audit.do.session.begin": "{target} angemeldet",
        "audit.do.session.end": "{target} abgemeldet",
        "audit.do.session.end-ended": "Ein Browser wurde abgemeldet",
        "audit.do.session.confirm": "{target} hat das Passwort erneut eingegeben",
        "audit.do.session.recovery": "{target} mit einem Wiederherstellungscode angemeldet",
        "audit.do.sign-in": "Anmeldung: {target}",
        "audit.do.setup": "Einrichtung des ersten Besitzers",
        "audit.do.request": "Anfrage {target}",
        "audit.do.state.backup": "Sicherung von {target}: {result}",
        "audit.do.state.restore": "Wiederhergestellt aus einer Sicherung von {result}",
        "audit.do.state.reset": "Zurücksetzen von {target} auf Werkseinstellungen",
        "audit.do.system.reboot": "Neustart von {target}",
        "audit.do.system.shutdown": "Herunterfahren von {target}",
        "audit.do.software.update": "Aktualisierung auf Version {target}",
        "audit.do.service.restart": "Neustart von {target}",
        "software.installed": "Installiert",
        "software.available": "Verfügbar",
        "software.newest": "keine neuere Version",
        "software.security": "Sicherheitsaktualisierung",
        "software.fetched": "Zuletzt geprüft",
        "software.never": "nie",
        "software.changelog": "Änderungen",
        "software.update": "Auf Version {version} aktualisieren",
        "software.update-text": (
            "Die neue Version wird installiert und gestartet. Die Kanäle verhalten sich wie bei jedem"
            " Neustart. Ist sie nach zwei Minuten nicht bereit, kommt die alte Version mit ihren Daten"
            " zurück."
        ),
        "software.button": "Jetzt aktualisieren",
        "software.reason.no-package": (
            "edgeweb wurde hier nicht mit seinem Debian-Paket installiert, daher wird nichts angeboten."
            " Aktualisieren Sie es so, wie es installiert wurde."
        ),
        "software.reason.no-apt": (
            "Dieses System hat kein apt, daher wird nichts angeboten. Ein neues Image bringt eine neue"
            " Version."
        ),
        "software.reason.no-unit": (
            "edgeweb-update.service fehlt: Installieren Sie das Debian-Paket von edgeweb noch einmal."
        ),
        "software.step.fetching": "Die neue Version wird geladen.",
        "software.step.saving": "Die jetzige Version und ihre Daten werden gesichert.",
        "software.step.installing": "Version {after} wird installiert.",
        "software.step.waiting": "Version {after} startet.",
        "software.step.restoring": "Version {before} wird zurückgebracht.",
        "software.ended.updated": "Version {after} ist installiert und bereit.",
        "software.ended.restored": "Version {before} ist wieder da, mit ihren Daten.",
        "software.ended.refused": "Es wurde nichts geändert.",
        "software.ended.failed": (
            "Die Aktualisierung ist fehlgeschlagen, und auch die vorige Version ist nicht bereit. journalctl"
            " -u edgeweb-update nennt den Grund."
        ),
        "software.cause.nothing-newer": "apt bietet keine neuere Version an.",
        "software.cause.no-package": "edgeweb ist nicht mit seinem Debian-Paket installiert.",
        "software.cause.no-space": "Der Platz reicht nicht für eine Kopie der Daten.",
        "software.cause.no-way-back": (
            "Das Paket der installierten Version ist nicht zu bekommen, daher gäbe es keinen Weg zurück."
        ),
        "software.cause.not-fetched": "Die neue Version lässt sich nicht laden.",
        "software.cause.other-packages": (
            "Die neue Version braucht auch andere Pakete: Aktualisieren Sie das Gerät mit apt."
        ),
        "software.cause.not-installed": "Die neue Version ließ sich nicht installieren.",
        "software.cause.not-ready": "Die neue Version war nach zwei Minuten nicht bereit.",
        "software.cause.power-cut": "Das Gerät wurde während der Aktualisierung mehrmals ausgeschaltet.",
        "about.device": "Gerät",
        "about.addresses": "Adressen",
        "about.model": "Modell",
        "about.architecture": "Architektur",
        "about.system": "System",
        "about.support-until": "Sicherheitsupdates bis",
        "about.read": "Lesen",
        "about.process": "Dieser Prozess",
        "about.Rss": "Speicher, resident",
        "about.Pss": "Speicher, anteilig",
        "about.Private_Dirty": "Speicher, nur eigener",
        "about.Swap": "Im Swap",
        "about.history": "Verlauf",
        "about.threads": "Threads",
        "about.parts": "Versionen und Lizenzen",
        "about.part": "Komponente",
        "about.version": "Version",
        "about.licence": "Lizenz",
        "error.status": "Status {status}",
        "error.back": "Zurück zur Übersicht",
        "set-up.text": (
            "Dieses Gerät gehört noch niemandem. Sein Einrichtungscode steht auf dem angeschlossenen"
            " Bildschirm, in der Datei, die Sie ihm gegeben haben, oder in seinem Protokoll: Sehen Sie dort"
            " nach, wo der Server gestartet wurde, oder führen Sie auf dem Gerät diesen Befehl aus:"
        ),
        "set-up.ends": (
            "Der Code gilt ab dem Start {hours} Stunden lang und für {tries} falsche Versuche. Schalten Sie"
            " das Gerät danach aus und wieder ein: Dann hat es einen neuen."
        ),
        "set-up.code": "Einrichtungscode",
        "set-up.name": "Ihr Name",
        "set-up.button": "Gerät übernehmen",
        "done.service-restart": "Der Dienst wird neu gestartet; der Zustand unten folgt.",
        "done.reboot": "Das Gerät startet jetzt neu.",
        "done.shutdown": "Das Gerät fährt jetzt herunter.",
        "done.software-update": (
            "Die Aktualisierung hat begonnen. Die Seite zeigt ihren Stand; für einen Moment ist das Gerät"
            " nicht erreichbar."
        ),
        "done.user-add": "Der Benutzer wurde hinzugefügt.",
        "done.user-role": "Die Rolle wurde geändert.",
        "done.second-factor-remove": "Der zweite Faktor wurde ausgeschaltet.",
        "done.user-password": "Das Passwort wurde geändert.",
        "done.user-remove": "Der Benutzer wurde entfernt.",
        "done.session-end": "Dieser Browser ist abgemeldet.",
        "done.token-revoke": "Das Token wurde widerrufen.",
        "problem.bad-request": (
            "Die Anfrage ist unverständlich: Laden Sie die Seite neu, und versuchen Sie es noch einmal."
        ),
        "problem.malformed-json": "Die Anfrage ist kein gültiges JSON.",
        "problem.no-owner": (
            "Dieses Gerät gehört noch niemandem: Laden Sie die Seite neu, um es einzurichten."
        ),
        "problem.invalid-query": "Die Adresse enthält eine ungültige Angabe.",
        "problem.unauthenticated": "Melden Sie sich zuerst an.",
        "problem.wrong-password": "Der Name oder das Passwort ist falsch.",
        "problem.second-factor": "Der Code des zweiten Faktors fehlt.",
        "problem.wrong-second-factor": (
            "Dieser Code ist falsch oder schon verwendet: Warten Sie auf den nächsten."
        ),
        "problem.wrong-code": (
            "Das ist nicht der Einrichtungscode. Er steht auf dem Bildschirm des Geräts und in seinem"
            " Protokoll: journalctl -u edgeweb."
        ),
        "problem.expired-code": (
            "Der Einrichtungscode ist abgelaufen, oder es wurden zu viele falsche Codes versucht. Schalten"
            " Sie das Gerät aus und wieder ein: Danach hat es einen neuen."
        ),
        "problem.unconfirmed": (
            "Geben Sie auch Ihr eigenes Passwort ein, und senden Sie das Formular noch einmal ab."
        ),
        "problem.forbidden": (
            "Ihre Rolle erlaubt das nicht: Wenden Sie sich an jemanden mit der Rolle „Verwaltung“."
        ),
        "problem.cross-site": (
            "Dieses Formular kam vielleicht von einer anderen Website: Laden Sie die Seite neu, und senden"
            " Sie es von dort ab."
        ),
        "problem.unnamed-proxy": (
            "Diese Anfrage kam über einen Proxy, den das Profil nicht nennt: Tragen Sie seine Adresse bei"
            " server.behind_proxy ein, und starten Sie edgeweb neu."
        ),
        "problem.no-cookies": (
            "Ihr Browser speichert für diese Adresse keine Cookies und kann ohne sie nicht angemeldet"
            " bleiben. Erlauben Sie Cookies, und versuchen Sie es noch einmal. In einem Frame einer anderen"
            " Website werden keine gespeichert: Öffnen Sie das Gerät in einem eigenen Tab."
        ),
        "problem.not-found": "Unter dieser Adresse gibt es nichts.",
        "problem.unknown-channel": "Diesen Kanal gibt es nicht.",
        "problem.unknown-sensor": "Diesen Sensor gibt es nicht.",
        "problem.method-not-allowed": "Das ist unter dieser Adresse nicht möglich.",
        "problem.conflict": "Das ist im gegenwärtigen Zustand nicht möglich.",
        "problem.not-an-output": "Dieser Kanal ist ein Eingang: Er lässt sich lesen, aber nicht schalten.",
        "problem.channel-busy": (
            "Der Kanal ist beschäftigt: Versuchen Sie es noch einmal, wenn er fertig ist."
        ),
        "problem.interlocked": (
            "Ein anderer Kanal derselben Gruppe ist eingeschaltet: Schalten Sie ihn zuerst aus."
        ),
        "problem.not-acceptable": "Diese Adresse liefert nur einen Ereignisstrom.",
        "problem.too-large": "Das ist zu groß; die Grenze ist server.body_bytes im Profil.",
        "problem.unsupported-media-type": "Die Anfrage hat den falschen Medientyp.",
        "problem.invalid-fields": "Manche Angaben passen nicht.",
        "problem.too-many-attempts": "Zu viele Versuche: Warten Sie einen Moment.",
        "problem.internal-error": (
            "Auf dem Server ist ein Fehler aufgetreten; den Grund nennt sein Protokoll."
        ),
        "problem.too-many-waiting": (
            "Die Änderung ist ausgeführt, aber zu viele Anfragen warten auf eine Antwort."
        ),
        "problem.system-refused": "Das System hat das abgelehnt.",
        "problem.state-in-use": "Ein anderer Prozess dieses Servers hat das Gerät: Laden Sie die Seite neu."
        " Wer den Server betreibt, muss ihn mit einem einzigen Worker starten.",
        "problem.channel-offline": "Der Kanal ist offline: Sein Treiber erreicht die Hardware nicht.",
        "problem.precondition-failed": "Jemand anders hat das inzwischen geändert: Laden Sie die Seite neu.",
        "problem.too-many-rows": "Das sind zu viele Zeilen: Wählen Sie einen kürzeren Zeitraum.",
        "problem.precondition-required": "Die Seite ist veraltet: Laden Sie sie neu.",
        "expect": "Erwartet: {what}.",
        "expect.string": "Text mit höchstens {most} druckbaren Zeichen",
        "expect.name": (
            "ein Name aus 1 bis 64 Buchstaben, Ziffern und _ . -, der mit einem Buchstaben oder _ beginnt"
        ),
        "expect.number": "eine Zahl von {least} bis {most}",
        "expect.integer": "eine ganze Zahl von {least} bis {most}",
        "expect.boolean": "ja oder nein",
        "expect.limit": "eine Zahl von {least} bis {most} oder nichts",
        "expect.size": "eine Größe von {least} bis {most}, zum Beispiel 64 KiB",
        "expect.duration": (
            "Sekunden oder eine Zeit mit Einheit wie 500 ms oder 10 min, von {least} bis {most}"
        ),
        "expect.strings": "ein Text pro Zeile, mit 1 bis {most} Zeichen",
        "expect.units": "ein Dienst pro Zeile, zum Beispiel nginx.service",
        "expect.choice": "eines von {choices}",
        "expect.needed": "ein Wert: Ohne ihn geht es nicht",
        "expect.pair": "zwei Texte mit höchstens {most} Zeichen oder keiner",
        "expect.range": "zwei Zahlen, die kleinere zuerst, oder keine",
        "expect.override": "ja, nein oder wie in den Einstellungen",
        "expect.free": "ein anderer Name: Dieser ist vergeben",
        "expect.gpio.line": "eine Leitung, oder darunter ein Pin",
        "expect.gpio.pin": (
            "ein Pin mit einer Leitung, denn die übrigen sind Versorgung und Masse. GPIO6 ist kein Pin:"
            " Geben Sie es als Leitung ein"
        ),
        "expect.gpio.chip": "nichts neben einem Pin, der allein genügt",
        "expect.iio.channel": "der Name eines Kanals, zum Beispiel temp oder voltage0",
        "expect.file.path": "ein Pfad, der mit einem Schrägstrich beginnt",
        "expect.channels.pulse": "eine Zeit zwischen dem kürzesten und dem längsten Impuls",
        "expect.channels.at_start": (
            "ein anderer Zustand: Ein Ausgang mit derselben Verriegelung beginnt eingeschaltet"
        ),
        "expect.sensors.high": "mehr als die untere Grenze",
        "expect.longer": "ein Passwort mit mindestens {least} Zeichen",
        "expect.harder": "ein Passwort, das schwerer zu erraten ist",
        "group.sensors": "Gerät",
        "group.history": "Verlauf",
        "group.storage": "Speicher",
        "group.access": "Zugang",
        "group.schedules": "Zeitpläne",
        "group.device": "Ort des Geräts, für Sonnenaufgang und Sonnenuntergang",
        "group.dashboard": "Oberfläche",
        "setting.sensors.interval": "Zeit zwischen zwei Messungen des Geräts",
        "setting.sensors.temperatures": "Temperatursensoren lesen",
        "setting.sensors.interfaces": (
            "Gezeigte Netzwerkschnittstellen, eine pro Zeile; leer: alle mit Datenverkehr"
        ),
        "setting.history.interval": "Zeit zwischen zwei Messwerten im Verlauf",
        "setting.history.length": "Messwerte im Verlauf; 0: keine",
        "setting.history.keep": "Stundenwerte aller Sensoren ein Jahr lang aufbewahren",
        "setting.storage.watch": "Ordner, deren Datenträger gezeigt wird, einer pro Zeile",
        "setting.access.session_idle": "Zeit ohne Anfrage, nach der ein Browser abgemeldet wird",
        "setting.access.audit_rows": "Einträge im Änderungsprotokoll",
        "setting.schedules.wait_for_clock": (
            "Zeitpläne mit Datum warten, bis das Netzwerk die Uhr gestellt hat"
        ),
        "setting.device.latitude": "Breitengrad, im Süden negativ; leer: keiner",
        "setting.device.longitude": "Längengrad, im Westen negativ; leer: keiner",
        "setting.dashboard.title": "Überschrift aller Seiten; leer: Name des Geräts",
        "setting.channels.*.title": "Angezeigter Name",
        "setting.channels.*.at_start": "Zustand beim Start des Servers",
        "setting.channels.*.at_exit": "Zustand beim Beenden des Servers",
        "setting.channels.*.busy_delay": "Pause nach dem Schalten",
        "setting.channels.*.max_on": "Längste Einschaltdauer; 0: unbegrenzt",
        "setting.channels.*.pulse": "Länge eines Impulses",
        "setting.channels.*.pulse_min": "Kürzester Impuls",
        "setting.channels.*.pulse_max": "Längster Impuls",
        "setting.channels.*.ramp": "Zeit von 0 bis 100 %; 0: sofort",
        "setting.channels.*.debounce": "Wie lange ein Eingang seinen Pegel halten muss, bis er zählt",
        "setting.channels.*.mode": "Aufgabe",
        "setting.channels.*.inverted": "Invertiert: Ein ist der niedrige Pegel",
        "setting.channels.*.interlock": (
            "Verriegelung: Von allen Ausgängen mit demselben Wort ist höchstens einer ein"
        ),
        "setting.channels.*.poll": "Zeit zwischen zwei Abfragen des Pegels; 0: keine",
        "setting.channels.*.group": "Gruppe, zum Beispiel ein Raum; leer: keine",
        "setting.channels.*.order": "Platz unter den anderen; kleinere Zahlen zuerst",
        "setting.channels.*.icon": "Symbol",
        "setting.channels.*.words": "Wörter für den Zustand",
        "setting.channels.*.ask": "Vor dem Schalten nachfragen",
        "option.gpio.line": "Leitung: Nummer oder Name, zum Beispiel GPIO17",
        "option.gpio.pin": "Oder der Pin: Platz auf der 40-poligen Leiste; 0: keiner",
        "option.gpio.chip": "Chip der Leitung; leer: wird anhand der Leitung gefunden",
        "option.gpio.bias": "Widerstand am Pin",
        "option.led.line": "Name der LED, zum Beispiel ACT",
        "option.pwm.line": "Nummer des Ausgangs",
        "option.pwm.chip": "Controller",
        "option.pwm.frequency": "Perioden pro Sekunde (Hz)",
        "option.memory.fault": "Fehler zum Üben",
        "option.w1.device": "Thermometer, zum Beispiel 28-0316a2795e1f",
        "option.iio.device": "Gerät, zum Beispiel bme280",
        "option.iio.channel": "Dessen Kanal, zum Beispiel temp oder voltage0",
        "option.hwmon.chip": "Chip, zum Beispiel cpu_thermal",
        "option.hwmon.input": "Dessen Eingang, zum Beispiel temp1",
        "option.file.path": "Datei, zum Beispiel /run/weather/rain",
        "setting.sensors.*.title": "Angezeigter Name",
        "setting.sensors.*.unit": "Einheit des Werts; leer: die des Messwerts",
        "setting.sensors.*.scale": "Der Messwert wird multipliziert mit",
        "setting.sensors.*.offset": "Danach wird addiert",
        "setting.sensors.*.interval": "Zeit zwischen zwei Messungen",
        "setting.sensors.*.low": "Zu niedrig unter; leer: keine Grenze",
        "setting.sensors.*.high": "Zu hoch über; leer: keine Grenze",
        "setting.sensors.*.hysteresis": "Wie weit ein Wert zurückgehen muss",
        "setting.sensors.*.for": "Wie lange ein Wert außerhalb liegen muss",
        "setting.sensors.*.group": "Gruppe; leer: keine",
        "setting.sensors.*.icon": "Symbol",
        "setting.sensors.*.valid": "Mögliche Werte; andere bedeuten ein gebrochenes Kabel. Leer: alle",
        "setting.sensors.*.keep": "Die Stunden ein Jahr lang aufbewahren",
        "setting.sensors.*.order": "Platz unter den anderen; kleinere Zahlen zuerst",
        "choice.": "keines",
        "choice.lamp": "Lampe",
        "choice.plug": "Steckdose",
        "choice.fan": "Ventilator",
        "choice.pump": "Pumpe",
        "choice.door": "Tür",
        "choice.blind": "Rollladen",
        "choice.flame": "Heizung",
        "choice.lock": "Schloss",
        "choice.bell": "Klingel",
        "choice.thermometer": "Thermometer",
        "choice.drop": "Tropfen",
        "choice.light": "Licht",
        "choice.bolt": "Strom",
        "choice.gauge": "Zeigerinstrument",
        "choice.distance": "Abstand",
        "choice.air": "Luft",
        "choice.tank": "Tank",
        "choice.on": "ein",
        "choice.off": "aus",
        "choice.leave": "unverändert lassen",
        "choice.restore": "wie zuletzt",
        "choice.as-is": "unverändert",
        "choice.disabled": "keiner",
        "choice.pull-up": "zur Versorgung (Pull-up)",
        "choice.pull-down": "zur Masse (Pull-down)",
        "choice.none": "keiner",
        "choice.hang": "antwortet nie",
        "choice.fail": "schlägt fehl",
        "choice.vanish": "verschwindet und kommt wieder",
        "choice.slow": "ist langsam",
        "mqtt.connected": "MQTT: seit {since} mit {broker} verbunden.",
        "mqtt.connecting": "MQTT: Verbindung mit {broker} wird seit {since} aufgebaut.",
        "mqtt.waiting": "MQTT: seit {since} keine Verbindung mit {broker}, wird erneut versucht.",
        "mqtt.closed": "MQTT: Verbindung mit {broker} um {since} beendet.",
        "mqtt.error": "Letzte Störung: {reason}",
        "mqtt.lost.one": "{count} Ereignis ging verloren.",
        "mqtt.lost.other": "{count} Ereignisse gingen verloren.",
        "settings.save": "Änderungen speichern",
        "settings.expert": "Für Fortgeschrittene",
        "settings.search": "Einstellung suchen",
        "settings.no-match": "Keine passende Einstellung.",
        "settings.refused": "Nichts wurde gespeichert: Prüfen Sie die Felder unten.",
        "settings.changed": "geändert",
        "settings.pending": "gilt ab dem nächsten Start des Servers",
        "settings.restart": "Gilt ab dem nächsten Start",
        "settings.profile": "Im Profil: {value}",
        "settings.back": "Wert des Profils verwenden",
        "settings.undo": "Letzte Änderung zurücknehmen",
        "settings.empty": "nichts",
        "settings.ignored": "Nicht beachtet, weil es zu diesem Gerät nicht passt: {key} ({reason})",
        "schedules.none": "Es gibt noch keinen Zeitplan.",
        "schedules.no-output": "Es gibt keinen Ausgang, der sich schalten ließe.",
        "schedules.waiting": "Zeitpläne mit Datum warten, bis das Netzwerk die Uhr gestellt hat.",
        "schedules.waiting-timesyncd": "systemd-timesyncd braucht das Netzwerk und einen Zeitserver.",
        "schedules.waiting-time-service": (
            "Kein Zeitdienst hat sie gestellt: Starten Sie einen, zum Beispiel chrony. Geht die Uhr auch ohne"
            " richtig, setzen Sie schedules.wait_for_clock = false."
        ),
        "schedules.waiting-unknown": (
            "Weder systemd noch der Kernel meldet, ob sie richtig geht. Geht sie richtig, setzen Sie"
            " schedules.wait_for_clock = false."
        ),
        "schedules.add": "Zeitplan hinzufügen",
        "schedules.change": "Ändern",
        "schedules.save": "Speichern",
        "schedules.remove": "Entfernen",
        "schedules.undo": "„{title}“ wiederherstellen",
        "schedules.enable": "Einschalten",
        "schedules.disable": "Pausieren",
        "schedules.name": "Kurzname für Programme; leer: aus dem Titel gebildet",
        "schedules.title": "Titel",
        "schedules.channel": "Kanal",
        "schedules.action": "Aktion",
        "schedules.pulse_ms": "Impuls in Sekunden; leer: wie im Kanal eingestellt",
        "schedules.value": "Stellwert in Prozent",
        "schedules.kind": "Wann",
        "schedules.date": "Datum und Uhrzeit des Geräts",
        "schedules.time": "Um oder ab",
        "schedules.until": "Bis",
        "schedules.clock": "Uhrzeit",
        "schedules.minutes": "Minuten davor oder danach",
        "schedules.no-place": (
            "Für Sonnenaufgang und Sonnenuntergang tragen Sie in den Einstellungen Breiten- und Längengrad"
            " ein."
        ),
        "schedules.side-clock": "Uhrzeit",
        "schedules.side-before": "vor {event}",
        "schedules.side-after": "nach {event}",
        "schedules.sunrise": "Sonnenaufgang",
        "schedules.sunset": "Sonnenuntergang",
        "schedules.at-before": "{minutes} min vor {event}",
        "schedules.at-after": "{minutes} min nach {event}",
        "schedules.when-daily": "{days} {at}",
        "schedules.when-span": "{days} {at} bis {until}",
        "schedules.when-interval": "alle {time}",
        "schedules.week": "Tage",
        "schedules.week-weekdays": "montags bis freitags",
        "schedules.week-weekend": "am Wochenende",
        "schedules.week-every": "täglich",
        "schedules.week-chosen": "bestimmte Tage",
        "schedules.days": "Bestimmte Tage",
        "schedules.every": "Minuten zwischen zwei Ausführungen",
        "schedules.enabled": "Eingeschaltet",
        "schedules.next": "Nächste",
        "schedules.last": "Letzte",
        "schedules.never": "nie",
        "schedules.when-clock-is-set": "sobald die Uhr gestellt ist",
        "schedules.rests": "pausiert",
        "schedules.result-ok": "ausgeführt",
        "schedules.result-missed": "verpasst",
        "schedules.result-interrupted": "unterbrochen",
        "schedules.expect.name": "Ein anderer Name: Dieser passt nicht, oder es gibt zu viele Zeitpläne.",
        "schedules.expect.title": "Ein Titel mit höchstens 100 Zeichen.",
        "schedules.expect.channel": "Ein Kanal, der ein Ausgang ist und das kann.",
        "schedules.expect.action": (
            "Eine Aktion dieses Kanals; von einer Zeit bis zu einer anderen: ein oder ein Stellwert."
        ),
        "schedules.expect.pulse_ms": "Sekunden innerhalb der Impulsgrenzen des Kanals.",
        "schedules.expect.value": "0 bis 100 Prozent; von einer Zeit bis zu einer anderen: mehr als 0.",
        "schedules.expect.kind": "Von einer Zeit bis zu einer anderen, täglich, einmal oder in Abständen.",
        "schedules.expect.at": "Ein Datum in der Zukunft oder eine Uhrzeit.",
        "schedules.expect.offset_minutes": "1 bis 360 Minuten, für Sonnenaufgang und Sonnenuntergang.",
        "schedules.expect.until": "Eine andere Uhrzeit als die des Beginns.",
        "schedules.expect.until_offset_minutes": "1 bis 360 Minuten, für Sonnenaufgang und Sonnenuntergang.",
        "schedules.expect.place": "Tragen Sie zuerst in den Einstellungen Breiten- und Längengrad ein.",
        "schedules.expect.days": "Mindestens ein Tag.",
        "schedules.expect.every": "Von 10 Sekunden bis zu einer Woche.",
        "schedules.expect.enabled": "Ja oder nein.",
        "kind.span": "Von ... bis ...",
        "kind.daily": "Zu einer Uhrzeit",
        "kind.once": "Einmal",
        "kind.interval": "In Abständen",
        "span.on": "Ein",
        "span.value": "Mit Stellwert",
        "action.on": "Einschalten",
        "action.off": "Ausschalten",
        "action.toggle": "Umschalten",
        "action.pulse": "Impuls",
        "action.value": "Stellwert setzen",
        "amount.pulse": "{amount} s",
        "amount.value": "{amount} %",
        "day.mon": "Mo",
        "day.tue": "Di",
        "day.wed": "Mi",
        "day.thu": "Do",
        "day.fri": "Fr",
        "day.sat": "Sa",
        "day.sun": "So",
        "backup.take": "Sicherung erstellen",
        "backup.what": (
            "Die Datei enthält Benutzer, Token, Einstellungen, Zeitpläne und was sich die Kanäle merken."
            " Passwörter stehen darin als Hashes: Bewahren Sie die Datei so sicher auf wie ein Passwort."
        ),
        "backup.download": "Datei herunterladen",
        "backup.bring": "Wiederherstellen",
        "backup.bring-text": (
            "Die Datei ersetzt alles auf diesem Gerät, auch die Benutzer; nur Ihr eigenes Konto bleibt, wie"
            " es ist. Benutzer, deren Passwort sich dadurch ändert, werden abgemeldet. Eine Datei darf bis zu"
            " {most} groß sein."
        ),
        "backup.file": "Datei",
        "backup.missing": "eine Datei",
        "backup.wrong": "Das ist keine Sicherung von edgeweb: Wählen Sie eine andere Datei.",
        "backup.newer": (
            "Diese Sicherung stammt von einer anderen Version: Aktualisieren Sie edgeweb, bevor Sie sie"
            " wiederherstellen."
        ),
        "backup.damaged": (
            "Diese Sicherung wurde verändert oder ist beschädigt: Wählen Sie eine andere Datei."
        ),
        "backup.restore": "Alles ersetzen",
        "reset.gone": (
            "Endgültig gelöscht werden: alle Benutzer, Passwörter, zweiten Faktoren, Token und angemeldeten"
            " Browser; Einstellungen, Zeitpläne und die hier hinzugefügten Kanäle und Sensoren; der Verlauf"
            " und das Änderungsprotokoll; die Zertifikate, die dieses Gerät erstellt hat."
        ),
        "reset.stays": (
            "Erhalten bleiben das Profil, das System und seine Netzwerkeinstellungen. Die Ausgänge nehmen den"
            " Zustand an, den das Profil für das Ende vorsieht, das Programm startet neu, und wer den neuen"
            " Einrichtungscode eingibt, dem gehört das Gerät."
        ),
        "reset.backup-first": (
            "Erstellen Sie zuerst oben eine Sicherung: Nichts anderes bringt diese Daten zurück."
        ),
        "reset.button": "Alles löschen",
        "reset.done": (
            "Alles wird gelöscht. Als Dienst startet das Programm innerhalb einer Minute neu; haben"
            " Sie es von Hand gestartet, starten Sie es noch einmal. Danach fragt es nach seinem neuen"
            " Einrichtungscode."
        ),
        "reset.open": "Gerät wieder öffnen",
        "done.settings": "Die Einstellungen wurden gespeichert.",
        "done.settings-same": "Es wurde nichts geändert.",
        "done.settings-back": "Die Einstellung hat wieder den Wert des Profils.",
        "done.settings-undo": "Die letzte Änderung wurde zurückgenommen.",
        "done.schedule-add": "Der Zeitplan wurde hinzugefügt.",
        "done.schedule-change": "Der Zeitplan wurde geändert.",
        "done.schedule-on": "Der Zeitplan ist eingeschaltet.",
        "done.schedule-off": "Der Zeitplan pausiert.",
        "done.schedule-remove": "Der Zeitplan wurde entfernt.",
        "done.schedule-undo": "Der Zeitplan ist wieder da.",
        "done.thing-add": "Es wurde hinzugefügt und funktioniert.",
        "done.thing-change": "Die Änderungen gelten.",
        "done.thing-remove": "Es wurde entfernt.",
        "done.restore": "Die Sicherung wurde wiederhergestellt.",
    }


@on_demand
def reasons() -> dict[str, str]:
    """Return the texts of the device's reasons, by the English ones: {} is a value, {0} the first of them."""
    return {
        "nothing listens there: check mqtt.host and mqtt.port, and that the broker runs": (
            "dort antwortet kein Programm: Prüfen Sie mqtt.host und mqtt.port, und ob der Broker läuft"
        ),
        "the name {} is not known: check mqtt.host and the name server": (
            "der Name {0} ist unbekannt: Prüfen Sie mqtt.host und den Namensserver"
        ),
        "no answer: check mqtt.host, and the network and firewall between": (
            "keine Antwort: Prüfen Sie mqtt.host sowie Netz und Firewall dazwischen"
        ),
        "user or password is wrong: check mqtt.user and mqtt.password_file": (
            "Benutzer oder Passwort ist falsch: Prüfen Sie mqtt.user und mqtt.password_file"
        ),
        "this user may not connect: check mqtt.user, mqtt.password_file and the broker's own rules": (
            "dieser Benutzer darf sich nicht verbinden: Prüfen Sie mqtt.user, mqtt.password_file und die "
            "Regeln des Brokers"
        ),
        "another client connects with the same id: give this device an mqtt.id of its own": (
            "ein anderer Client verbindet sich mit derselben Kennung: Geben Sie diesem Gerät ein eigenes "
            "mqtt.id"
        ),
        "its certificate is of no authority that is known here: name the authority's file in mqtt.ca": (
            "sein Zertifikat stammt von keiner hier bekannten Stelle: Nennen Sie die Datei dieser Stelle in "
            "mqtt.ca"
        ),
        "its certificate is for another name: put a name of the certificate in place of {} in mqtt.host": (
            "sein Zertifikat gilt für einen anderen Namen: Setzen Sie in mqtt.host statt {0} einen Namen aus"
            " dem Zertifikat"
        ),
        "its certificate is expired on {}: check the clock of this device, then renew the certificate": (
            "sein Zertifikat ist abgelaufen (Datum dieses Geräts: {0}): Prüfen Sie die Uhr dieses Geräts, "
            "erneuern Sie dann das Zertifikat"
        ),
        (
            "its certificate is not valid yet on {}: check the clock of this device, then renew the "
            "certificate"
        ): (
            "sein Zertifikat ist noch nicht gültig (Datum dieses Geräts: {0}): Prüfen Sie die Uhr dieses "
            "Geräts, erneuern Sie dann das Zertifikat"
        ),
        (
            "this device's clock says {}, so no certificate can be checked: let the network set the clock "
            "(timedatectl set-ntp true), or set it by hand; the connection is then made on its own"
        ): (
            "die Uhr dieses Geräts zeigt {0}, daher lässt sich kein Zertifikat prüfen: Lassen Sie sie vom "
            "Netz stellen (timedatectl set-ntp true) oder stellen Sie sie von Hand; danach wird die "
            "Verbindung von selbst aufgebaut"
        ),
        "the connection was lost": ("die Verbindung ging verloren"),
        (
            "the broker has ended the connection: check that mqtt.tls is as there, and that each device has"
            " an mqtt.id of its own"
        ): (
            "der Broker hat die Verbindung beendet: Prüfen Sie, ob mqtt.tls zu ihm passt und "
            "jedes Gerät ein eigenes mqtt.id hat"
        ),
        "it does not answer: check that the broker runs, and that this is its port": (
            "er antwortet nicht: Prüfen Sie, ob der Broker läuft und ob dies sein Port ist"
        ),
        "it shuts down": ("er wird beendet"),
        'Channel "{}" is offline: {}.': "Der Kanal „{0}“ ist offline: {1}.",
        'Channel "{}" waits for its hardware: it goes off when that answers.': (
            "Der Kanal „{0}“ wartet auf seine Hardware: Er schaltet sich aus, sobald sie antwortet."
        ),
        'Channel "{}" is busy: try again when it has finished.': (
            "Der Kanal „{0}“ ist beschäftigt: Versuchen Sie es noch einmal, wenn er fertig ist."
        ),
        'Channel "{}" is busy: it rests after a switch.': (
            "Der Kanal „{0}“ ist beschäftigt: Er macht nach dem Schalten eine Pause."
        ),
        'Channel "{}" was on for its longest time: it goes off first, and on if you ask again.': (
            "Der Kanal „{0}“ war so lange eingeschaltet, wie er darf: Er schaltet sich zuerst aus; schalten"
            " Sie ihn danach noch einmal ein."
        ),
        'Channel "{}" stays off: another output of its group may be on.': (
            "Der Kanal „{0}“ bleibt aus: Ein anderer Ausgang seiner Gruppe ist vielleicht eingeschaltet."
        ),
        'Channel "{}" has no value: it is on or off.': (
            "Der Kanal „{0}“ hat keinen Stellwert: Er ist ein oder aus."
        ),
        'Channel "{}" is an input: it can be read, not set.': (
            "Der Kanal „{0}“ ist ein Eingang: Er lässt sich lesen, aber nicht schalten."
        ),
        "Other channels wait for slow hardware: try again in a second.": (
            "Andere Kanäle warten auf langsame Hardware: Versuchen Sie es in einer Sekunde noch einmal."
        ),
        '"{}" is on. Switch it off first.': "„{0}“ ist eingeschaltet. Schalten Sie diesen Kanal zuerst aus.",
        '"{}" may be on. Switch it off first.': (
            "„{0}“ ist vielleicht eingeschaltet. Schalten Sie diesen Kanal zuerst aus."
        ),
        '"{}" is a button: it can be pulsed, not switched on.': (
            "„{0}“ ist ein Taster: Er gibt Impulse und lässt sich nicht einschalten."
        ),
        "its driver has not come back from earlier calls: check its hardware, then restart the server": (
            "sein Treiber hängt noch in früheren Aufrufen: Prüfen Sie die Hardware, und starten Sie den"
            " Server neu"
        ),
        "its driver did not answer within {} s: check the wiring and the supply of its hardware": (
            "sein Treiber hat innerhalb von {0} s nicht geantwortet: Prüfen Sie Verkabelung und"
            " Stromversorgung der Hardware"
        ),
        "its driver did not answer": "sein Treiber hat nicht geantwortet",
        "unexpected {} in the driver: {} (please report it)": (
            "unerwarteter Fehler {0} im Treiber: {1} (bitte melden)"
        ),
        "{} was not found: set {} to the full path of a program": (
            "{0} wurde nicht gefunden: Setzen Sie {1} auf den vollständigen Pfad eines Programms"
        ),
        "{} may not be started by the user edgeweb: give it the right to (chmod +x)": (
            "der Benutzer edgeweb darf {0} nicht starten: Geben Sie ihm das Recht dazu (chmod +x)"
        ),
        '{} is no program: begin a script with a line such as "#!/bin/sh"': (
            "{0} ist kein Programm: Beginnen Sie ein Skript mit einer Zeile wie #!/bin/sh"
        ),
        "{} cannot be started ({}): start it by hand": (
            "{0} lässt sich nicht starten ({1}): Starten Sie es von Hand"
        ),
        "{} did not end within {} s: see what it waits for, or set a longer timeout": (
            "{0} hat sich nicht innerhalb von {1} s beendet: Prüfen Sie, worauf es wartet, oder erhöhen Sie"
            " timeout"
        ),
        (
            "{} ended with code {}, where 0 is on and 1 is off: start it by hand as the user edgeweb to see"
            " why"
        ): (
            "{0} hat sich mit dem Code {1} beendet, wobei 0 ein und 1 aus bedeutet: Starten Sie es von Hand"
            " als Benutzer edgeweb, um den Grund zu sehen"
        ),
        "{} ended with code {}: start it by hand as the user edgeweb to see why": (
            "{0} hat sich mit dem Code {1} beendet: Starten Sie es von Hand als Benutzer edgeweb, um den"
            " Grund zu sehen"
        ),
        "{}: no thread can wait for its edges ({}): free memory, or end programs": (
            "{0}: Kein Thread kann auf Änderungen warten ({1}): Geben Sie Arbeitsspeicher frei, oder beenden"
            " Sie Programme"
        ),
        "this machine has no GPIO chip (/dev/gpiochip0): load the driver of its pins": (
            "dieses Gerät hat keinen GPIO-Chip (/dev/gpiochip0): Laden Sie den Treiber seiner Pins"
        ),
        (
            "{} is reserved on this board, or its chip cannot do what is asked: choose another line, or set"
            ' bias = "as-is"'
        ): (
            "{0} ist auf dieser Platine reserviert, oder der Chip kann das Verlangte nicht: Wählen Sie eine"
            ' andere Leitung, oder setzen Sie bias = "as-is"'
        ),
        "{} cannot report edges, because its chip has no interrupts: add poll = 0.1 to the channel": (
            "{0} kann keine Flanken melden, weil der Chip keine Interrupts hat: Ergänzen Sie beim Kanal poll"
            " = 0.1"
        ),
        '{} is an input and cannot be set: set mode = "output"': (
            '{0} ist ein Eingang und lässt sich nicht schalten: Setzen Sie mode = "output"'
        ),
        'no line of {} has the name "{}": set {}': "keine Leitung von {0} heißt „{1}“: Setzen Sie {2}",
        'line to "{}"': 'line = "{0}"',
        "chip and line to the numbers of the pin": "chip und line auf die Nummern des Pins",
        '{} is held by "{}" already: give each channel a line of its own, and run one server': (
            "{0} wird schon von „{1}“ verwendet: Geben Sie jedem Kanal eine eigene Leitung, und starten Sie"
            " nur einen Server"
        ),
        "{} is held by {}: choose another line, or end what holds it": (
            "{0} ist belegt ({1}): Wählen Sie eine andere Leitung, oder beenden Sie, was sie belegt"
        ),
        "the kernel or another program": "Kernel oder ein anderes Programm",
        'chip "{}" means {}: set chip to one of these names': (
            'chip = "{0}" bezeichnet {1}: Setzen Sie chip auf einen dieser Namen'
        ),
        "{} has no line {}: set line to a number from 0 to {}": (
            "{0} hat keine Leitung {1}: Setzen Sie line auf eine Zahl von 0 bis {2}"
        ),
        'the name "{}" belongs to {}: set chip = "{}" and line = "{}", or another of them': (
            'der Name „{0}“ gehört zu {1}: Setzen Sie chip = "{2}" und line = "{3}", oder eine andere dieser'
            " Leitungen"
        ),
        "pin {} of the header is {}: set pin to the position of a line": (
            "Pin {0} der Stiftleiste ist {1}: Setzen Sie pin auf die Position einer Leitung"
        ),
        (
            "pin {} is only known on the header of a Raspberry Pi, and this machine has {}: set line and chip"
            " in place of pin"
        ): (
            "Pin {0} ist nur auf der Stiftleiste eines Raspberry Pi bekannt, und dieses Gerät hat {1}: Setzen"
            " Sie line und chip statt pin"
        ),
        'there is no GPIO chip "{}": set chip to one of {}': (
            "es gibt keinen GPIO-Chip „{0}“: Setzen Sie chip auf einen dieser Namen: {1}"
        ),
        "{} is gone: plug it in again, or load its driver": (
            "{0} ist verschwunden: Schließen Sie es wieder an, oder laden Sie den Treiber"
        ),
        "{} is gone: plug its chip in again, or load the chip's driver": (
            "{0} ist verschwunden: Schließen Sie den Chip wieder an, oder laden Sie dessen Treiber"
        ),
        (
            "{} may not be written: install the udev rules 60-edgeweb-gpio.rules, add the user edgeweb to the"
            " group gpio (usermod -aG gpio edgeweb), and restart the machine"
        ): (
            "{0} darf nicht beschrieben werden: Installieren Sie die udev-Regeln 60-edgeweb-gpio.rules,"
            " nehmen Sie den Benutzer edgeweb in die Gruppe gpio auf (usermod -aG gpio edgeweb), und starten"
            " Sie das Gerät neu"
        ),
        "{} is read-only for this service: add the drop-in leds-and-pwm.conf to its unit, and restart it": (
            "{0} ist für diesen Dienst schreibgeschützt: Legen Sie leds-and-pwm.conf zu seiner Unit, und"
            " starten Sie ihn neu"
        ),
        "{} does not answer: check the wiring and the supply of its chip": (
            "{0} antwortet nicht: Prüfen Sie Verkabelung und Stromversorgung des Chips"
        ),
        "{} failed ({}): the kernel's log may have the reason (dmesg)": (
            "{0} ist fehlgeschlagen ({1}): Den Grund nennt vielleicht das Protokoll des Kernels (dmesg)"
        ),
        "{} has {} in place of a number: update the kernel, or report it to the maker of its driver": (
            "{0} enthält {1} statt einer Zahl: Aktualisieren Sie den Kernel, oder melden Sie es dem"
            " Hersteller des Treibers"
        ),
        "{} is used by the kernel, as the flash of a camera: end the program that uses it": (
            "{0} wird vom Kernel als Blitz einer Kamera verwendet: Beenden Sie das Programm, das sie"
            " verwendet"
        ),
        '{} is moved by its own hardware: set at_start = "off" or "on", which stops that': (
            '{0} wird von der eigenen Hardware gesteuert: Setzen Sie at_start = "off" oder "on", das beendet'
            " es"
        ),
        'there is no LED "{}": set line to one of {}': (
            "es gibt keine LED „{0}“: Setzen Sie line auf einen dieser Namen: {1}"
        ),
        "this machine has no LEDs ({}): load the driver of the LED": (
            "dieses Gerät hat keine LEDs ({0}): Laden Sie den Treiber der LED"
        ),
        'this is a rehearsal: remove fault = "{}" from its channel when it is over': (
            'das ist eine Übung: Entfernen Sie danach fault = "{0}" aus dem Kanal'
        ),
        (
            "this machine has no PWM controller ({}): on a Raspberry Pi add dtoverlay=pwm-2chan to"
            " /boot/firmware/config.txt and restart it, elsewhere load the controller's driver"
        ): (
            "dieses Gerät hat keinen PWM-Controller ({0}): Tragen Sie auf einem Raspberry Pi"
            " dtoverlay=pwm-2chan in /boot/firmware/config.txt ein, und starten Sie ihn neu; sonst laden Sie"
            " den Treiber des Controllers"
        ),
        (
            "{} has lent this output to the kernel, for a fan or a backlight: choose another line, or remove"
            " the overlay that uses it"
        ): (
            "{0} hat diesen Ausgang dem Kernel überlassen, für einen Lüfter oder eine Hintergrundbeleuchtung:"
            " Wählen Sie eine andere Leitung, oder entfernen Sie das Overlay, das ihn verwendet"
        ),
        "{} cannot have this frequency: set another frequency": (
            "{0} kann diese Frequenz nicht: Ändern Sie frequency"
        ),
        "{} cannot be changed while others of its controller are on: give them the same frequency": (
            "{0} lässt sich nicht ändern, solange andere Ausgänge des Controllers ein sind: Geben Sie ihnen"
            " dieselbe Frequenz"
        ),
        'there is no PWM controller "{}": set chip to one of {}': (
            "es gibt keinen PWM-Controller „{0}“: Setzen Sie chip auf einen dieser Namen: {1}"
        ),
        '{} has no output "{}": set line to a number from 0 to {}': (
            "{0} hat keinen Ausgang „{1}“: Setzen Sie line auf eine Zahl von 0 bis {2}"
        ),
        "{} cannot be used with this kernel: update the system, pins need Linux 5.10 or newer": (
            "{0} ist mit diesem Kernel nicht verwendbar: Aktualisieren Sie das System, Pins brauchen Linux"
            " 5.10 oder neuer"
        ),
        (
            "{} may not be opened: add the user edgeweb to the group gpio (usermod -aG gpio edgeweb) and"
            " restart the server"
        ): (
            "{0} darf nicht geöffnet werden: Nehmen Sie den Benutzer edgeweb in die Gruppe gpio auf (usermod"
            " -aG gpio edgeweb), und starten Sie den Server neu"
        ),
        "{} is closed to this service: its unit needs DeviceAllow=char-gpiochip rw": (
            "{0} ist für diesen Dienst gesperrt: Seine Unit braucht DeviceAllow=char-gpiochip rw"
        ),
        '{} is not a GPIO chip: set chip to the name of one, such as "gpiochip0"': (
            "{0} ist kein GPIO-Chip: Setzen Sie chip auf den Namen eines Chips, zum Beispiel gpiochip0"
        ),
        "the device behind {} is gone": "das Gerät hinter {0} ist verschwunden",
        "the server may not read {}: give its user the right to": (
            "der Server darf {0} nicht lesen: Geben Sie seinem Benutzer das Recht dazu"
        ),
        'no device is called "{}": there are {}': "kein Gerät heißt „{0}“; es gibt {1}",
        'no device is called "{}", and there is none': "kein Gerät heißt „{0}“, und es gibt kein anderes",
        '{} devices are called "{}": name one of {}': "{0} Geräte heißen „{1}“: Nennen Sie eines davon: {2}",
        "the chip reports a fault of {}: look at its wires": (
            "der Chip meldet einen Fehler von {0}: Prüfen Sie die Leitungen"
        ),
        '{} has no channel "{}": there are {}': "{0} hat keinen Kanal „{1}“; es gibt {2}",
        "{} is not on the bus: there are {}": "{0} ist nicht am Bus; es gibt {1}",
        "{} is not on the bus, and there is no other": "{0} ist nicht am Bus, und es gibt kein anderes",
        "the checksum of the answer is wrong: look for long or loose wires": (
            "die Prüfsumme der Antwort ist falsch: Suchen Sie nach langen oder losen Leitungen"
        ),
        "the bus answers zeros only: its data wire is shorted to ground": (
            "der Bus antwortet nur mit Nullen: Seine Datenleitung hat einen Kurzschluss nach Masse"
        ),
        "the thermometer has not measured: it had no power, or too little": (
            "das Thermometer hat nicht gemessen: Seine Stromversorgung fehlt oder ist zu schwach"
        ),
        "there is no 1-Wire bus: the device tree needs dtoverlay=w1-gpio": (
            "es gibt keinen 1-Wire-Bus: Der Gerätebaum braucht dtoverlay=w1-gpio"
        ),
        "This needs the role {}; {} has {}.": "Dafür ist die Rolle {0} nötig; {1} hat {2}.",
        "admin": "Verwaltung",
        "operator": "Bedienung",
        "viewer": "Ansicht",
        "One user has to be admin: make another user admin first.": (
            "Jemand muss die Rolle „Verwaltung“ haben: Geben Sie sie zuerst einem anderen Benutzer."
        ),
        "There are {} users already: remove one first.": (
            "Es gibt schon {0} Benutzer: Entfernen Sie zuerst einen."
        ),
        "There are {} tokens already: revoke one first.": (
            "Es gibt schon {0} Token: Widerrufen Sie zuerst eines."
        ),
        'There is a user named "{}" already.': (
            "Es gibt schon einen Benutzer „{0}“: Wählen Sie einen anderen Namen."
        ),
        'There is no user named "{}".': "Es gibt keinen Benutzer „{0}“.",
        "This device knows this token already.": "Dieses Gerät kennt dieses Token schon.",
        "This is no token of an edgeweb device: edgeweb_ and 43 characters.": (
            "Das ist kein Token eines edgeweb-Geräts: edgeweb_ und 43 Zeichen."
        ),
        "There is no token {}.": "Es gibt kein Token {0}.",
        "The clock of this device is not set yet: make the token without an end.": (
            "Die Uhr dieses Geräts ist noch nicht gestellt: Erstellen Sie das Token ohne Ablauf."
        ),
        "There is no such session.": "Dieser Browser ist nicht mehr angemeldet.",
        "Only an admin may set the password of another user.": (
            "Nur die Rolle „Verwaltung“ darf das Passwort eines anderen Benutzers ändern."
        ),
        "Only an admin may take away the second factor of another user.": (
            "Nur die Rolle „Verwaltung“ darf den zweiten Faktor eines anderen Benutzers ausschalten."
        ),
        "Only an admin may see the second factor of another user.": (
            "Nur die Rolle „Verwaltung“ darf den zweiten Faktor eines anderen Benutzers sehen."
        ),
        "A second factor is set up by its own user.": (
            "Jeder Benutzer richtet seinen zweiten Faktor selbst ein."
        ),
        "A token makes none with more scopes than its own.": (
            "Ein Token erstellt keines, das mehr darf als es selbst."
        ),
        "{} has no second factor.": "{0} hat keinen zweiten Faktor.",
        "That took too long: sign in again.": "Das hat zu lange gedauert: Melden Sie sich noch einmal an.",
        "This device has an owner already: sign in.": (
            "Dieses Gerät gehört schon jemandem: Melden Sie sich an."
        ),
        "The session's cookie comes twice: remove the cookies of this site.": (
            "Das Sitzungs-Cookie kommt doppelt an: Löschen Sie die Cookies dieser Website."
        ),
        "The form is not one of this session: load the page again.": (
            "Das Formular gehört nicht zu dieser Sitzung: Laden Sie die Seite neu."
        ),
        "Another channel is tried: try again in a second.": (
            "Ein anderer Kanal wird gerade ausprobiert: Versuchen Sie es in einer Sekunde noch einmal."
        ),
        "Nothing was reset: the folder of the state cannot be written ({}).": (
            "Es wurde nichts zurückgesetzt: In den Ordner des Zustands kann nicht geschrieben werden ({0})."
        ),
        "Install edgeweb by its Debian package: only that is updated here.": (
            "Installieren Sie edgeweb mit seinem Debian-Paket: Nur dieses wird hier aktualisiert."
        ),
        "This system has no apt, which would update edgeweb: bring a new image.": (
            "Dieses System hat kein apt, das edgeweb aktualisieren würde: Spielen Sie ein neues Image auf."
        ),
        "edgeweb-update.service is missing: install the Debian package of edgeweb again.": (
            "edgeweb-update.service fehlt: Installieren Sie das Debian-Paket von edgeweb noch einmal."
        ),
        "This device takes newer versions only: install an older one by apt.": (
            "Dieses Gerät nimmt nur neuere Versionen: Installieren Sie eine ältere mit apt."
        ),
        "apt does not offer this version: look again which one it offers.": (
            "apt bietet diese Version nicht an: Sehen Sie noch einmal nach, welche es anbietet."
        ),
        "apt offers no newer version: apt update may find one.": (
            "apt bietet keine neuere Version an: apt update findet vielleicht eine."
        ),
        "The profile's system.power does not allow this.": "Das Profil erlaubt das nicht (system.power).",
        "The profile's system.services does not name this service.": (
            "Das Profil nennt diesen Dienst nicht (system.services)."
        ),
        "{} has not answered within {} s: ask again": (
            "{0} hat innerhalb von {1} s nicht geantwortet: Versuchen Sie es noch einmal"
        ),
        "{} was not called: {} programs have not answered yet": (
            "{0} wurde nicht aufgerufen: {1} Programme haben noch nicht geantwortet"
        ),
        "kept in memory, by storage.state of the profile": (
            "der Zustand liegt im Arbeitsspeicher (storage.state im Profil)"
        ),
        "the database is damaged and could not be replaced": (
            "die Datenbank ist beschädigt und ließ sich nicht ersetzen"
        ),
        "{} (the disk is read-only)": "{0} (der Datenträger ist schreibgeschützt)",
        "{} (no right to write to the folder)": "{0} (kein Recht, in den Ordner zu schreiben)",
        "database or disk is full": "der Datenträger ist voll",
        "disk I/O error": "Lese- oder Schreibfehler des Datenträgers",
        "unable to open database file": "die Datenbank lässt sich nicht öffnen",
        "attempt to write a readonly database": "die Datenbank ist schreibgeschützt",
        "database is locked": "die Datenbank ist gesperrt",
        "there is no {}": "{0} gibt es nicht",
        "{} is gone": "{0} ist verschwunden",
    }
