"""The pages in French."""

# Write plain spaces before : ; ? ! % and inside of quotes: `texts` makes narrow ones of them, which break no
# line.

from __future__ import annotations

from collections.abc import Callable

from ...http.on_demand import on_demand

NAME = "Français"


@on_demand
def plural() -> Callable[[int], str]:
    """Return CLDR's rule: 0 and 1 are singular."""
    return lambda count: "one" if count in (0, 1) else "other"


@on_demand
def texts() -> dict[str, str]:
    """Return all texts, and the forms of numbers and dates: `live.sign`, `live.date`."""
    plain = {
        "direction": "ltr",
        "skip": "Aller au contenu",
        "menu": "Menu",
        "refresh": "Actualiser",
        "filter": "Filtrer",
        "language": "Langue",
        "sign-in": "Se connecter",
        "sign-in.in-clear": (
            "Cette connexion n'est pas chiffrée (sans TLS) : d'autres personnes sur le réseau peuvent lire le"
            " mot de passe."
        ),
        "sign-in.encrypt": "Chiffrer la connexion",
        "sign-out": "Se déconnecter",
        "sign-in.forgotten": "Mot de passe oublié ?",
        "sign-in.forgotten-text": (
            "Un administrateur de cet appareil peut en définir un autre, à la page Utilisateurs et jetons."
            " L'unique administrateur le fait sur l'appareil même, dans son terminal :"
        ),
        "sign-in.forgotten-memory": (
            "Un administrateur de cet appareil peut en définir un autre, à la page Utilisateurs et jetons."
            " L'unique administrateur redémarre le serveur : celui-ci garde ses utilisateurs en mémoire, et"
            " affichera un nouveau code de mise en service."
        ),
        "tls.why": (
            "Votre navigateur affiche un avertissement, car il ne sait pas qui se porte garant de cet"
            " appareil. Les autorités fournies avec les navigateurs se portent garantes d'adresses sur"
            " Internet, pas d'appareils domestiques. Cet appareil a donc sa propre autorité."
        ),
        "tls.what": (
            "Importez-la une seule fois sur chaque téléphone et chaque ordinateur que vous utilisez. Ensuite,"
            " la connexion est chiffrée, l'avertissement disparaît et le navigateur vérifie qu'il communique"
            " bien avec cet appareil. L'autorité peut se porter garante de cet appareil, des noms qui se"
            " terminent par .local et des adresses privées, mais de rien d'autre."
        ),
        "tls.compare": "1. Vérifiez que c'est la bonne",
        "tls.compare-text": (
            "Rien ne protège encore cette page : quelqu'un sur le réseau a pu la modifier. Saisissez cette"
            " commande dans le terminal de l'appareil :"
        ),
        "tls.same": (
            "Elle affiche cette empreinte (SHA-256). Si la vôtre diffère ne serait-ce que d'un caractère,"
            " n'importez rien."
        ),
        "tls.import": "2. Importez-la",
        "tls.download": "Télécharger l'autorité",
        "tls.called": "Suivez ensuite les étapes pour votre appareil. L'autorité s'appelle {name}.",
        "tls.android": (
            "Touchez Télécharger l'autorité et conservez le fichier.\n"
            "Ouvrez les Paramètres et cherchez : certificat CA. Sinon : Sécurité et confidentialité → Autres"
            " paramètres de sécurité et de confidentialité → Chiffrement et identifiants → Installer un"
            " certificat → Certificat CA.\n"
            "Touchez Installer quand même, puis choisissez le fichier authority.crt dans Téléchargements.\n"
            "Dans Firefox, en plus : Paramètres → À propos de Firefox, touchez sept fois le logo, revenez en"
            " arrière, puis Paramètres secrets → Utiliser des certificats d'autorités tierces."
        ),
        "tls.ios": (
            "Ouvrez cette page dans Safari, touchez Télécharger l'autorité, puis Autoriser.\n"
            "Ouvrez Réglages → Profil téléchargé, touchez Installer et saisissez votre code.\n"
            "Ouvrez Réglages → Général → Informations → Réglages des certificats et activez l'autorité."
        ),
        "tls.windows": (
            "Cliquez sur Télécharger l'autorité et ouvrez le fichier.\n"
            "Cliquez sur Installer un certificat, choisissez Utilisateur actuel, puis Suivant.\n"
            "Choisissez Placer tous les certificats dans le magasin suivant → Parcourir → Autorités de"
            " certification racines de confiance, puis OK, Suivant et Terminer.\n"
            "Répondez Oui à l'avertissement de sécurité et redémarrez le navigateur."
        ),
        "tls.macos": (
            "Cliquez sur Télécharger l'autorité et ouvrez le fichier : Trousseaux d'accès s'ouvre. Ajoutez-la"
            " au trousseau session.\n"
            "Double-cliquez sur l'autorité et ouvrez Se fier.\n"
            "Pour Lors de l'utilisation de ce certificat, choisissez Toujours approuver, fermez la fenêtre et"
            " saisissez votre mot de passe."
        ),
        "tls.firefox": (
            "Sous Linux, Firefox n'utilise pas les autorités du système. Cliquez sur Télécharger l'autorité"
            " ici, dans Firefox.\n"
            "Cochez Confirmer cette AC pour identifier des sites web, puis cliquez sur OK.\n"
            "Si Firefox se contente d'enregistrer le fichier : Paramètres → Vie privée et sécurité →"
            " Certificats → Afficher les certificats → Autorités → Importer, puis choisissez-le.\n"
            "Sous Windows et macOS, suivez leurs étapes ci-dessus : Firefox y reprend l'autorité."
        ),
        "tls.continue": "Continuer avec une connexion chiffrée",
        "tls.afterwards": (
            "Ensuite, ouvrez cet appareil par son adresse qui commence par https:// et vérifiez que le"
            " cadenas est fermé."
        ),
        "tls.none": (
            "Cet appareil n'a pas encore sa propre autorité : il n'y a rien à importer. Son propriétaire la"
            " crée dans le terminal de l'appareil, avec la commande edgeweb tls init."
        ),
        "show": "Afficher",
        "page.kiosk": "Kiosque",
        "page.kiosk_closed": "Kiosque",
        "kiosk.closed": (
            "Cet écran n'a pas encore de lien, ou son jeton a expiré. Un administrateur crée un jeton avec le"
            " rôle Lecture à la page Utilisateurs et jetons, puis ouvre son lien ici une seule fois."
        ),
        "kiosk.link": (
            "Pour un écran au mur : ouvrez-y cette adresse une seule fois. Elle montre ce qui a été choisi"
            " pour le jeton, sinon tous les canaux et capteurs. Révoquer le jeton y met fin."
        ),
        "kiosk.shows": "Kiosque : {titles}",
        "kiosk.only": "Pour un kiosque qui n'en montre que certains",
        "kiosk.only-hint": (
            "Choisissez ce que l'écran montre. Avec le rôle Commande, il le commande aussi ; le jeton"
            " n'ouvre rien d'autre."
        ),
        "kiosk.stale": "Pas de connexion, nouvel essai.",
        "in-memory": (
            "Utilisateurs, réglages et programmations seront perdus au prochain démarrage du serveur : le"
            " profil garde l'état en mémoire. Indiquez-y un dossier (storage.state) au lieu de « memory »."
        ),
        "own-password": "Votre propre mot de passe, pour confirmer",
        "not-persistent": (
            "Les changements ne sont pas conservés : {reason}. Ils durent jusqu'à l'arrêt du serveur."
        ),
        "page.overview": "Vue d'ensemble",
        "page.history": "Historique",
        "page.channels": "Canaux",
        "page.schedules": "Programmations",
        "page.services": "Services et redémarrage",
        "page.logs": "Journaux",
        "page.hardware": "Matériel",
        "page.settings": "Réglages",
        "page.people": "Utilisateurs et jetons",
        "page.audit": "Journal des changements",
        "page.backup": "Sauvegarde",
        "page.reset": "Réinitialisation d'usine",
        "page.software": "Logiciel",
        "page.about": "À propos",
        "page.second_factor": "Second facteur",
        "page.second_factor_set_up": "Second facteur",
        "page.recovery_codes": "Codes de secours",
        "page.add": "Ajouter un canal ou un capteur",
        "page.add_thing": "Ajouter",
        "page.thing": "Modifier",
        "page.ask": "Commuter ?",
        "page.sign_in": "Connexion",
        "page.tls": "Connexion chiffrée",
        "page.privacy": "Confidentialité",
        "page.set_up": "Prenez possession de cet appareil",
        "page.error": "Cela n'a pas fonctionné",
        "role.viewer": "Lecture",
        "role.operator": "Commande",
        "role.admin": "Administration",
        "mode.output": "Sortie",
        "mode.input": "Entrée",
        "mode.pwm": "Variateur",
        "mode.button": "Bouton",
        "live.on": "marche",
        "live.off": "arrêt",
        "live.unknown": "inconnu",
        "live.yes": "oui",
        "live.no": "non",
        "live.busy": "commutation en cours",
        "live.offline": "hors ligne : {reason}",
        "live.live": "En direct",
        "live.gone": "Pas de connexion, nouvel essai",
        "live.warnings.one": "{count} avertissement",
        "live.warnings.other": "{count} avertissements",
        "live.no-warnings": "Aucun avertissement",
        "live.no-answer": "L'appareil ne répond pas.",
        "live.card-failed": (
            "Cette carte n'a pas pu être affichée ; le journal du serveur en donne la raison."
        ),
        "live.clock-set": "réglée par le réseau",
        "live.clock-unset": "pas encore réglée par le réseau",
        "live.clock-unknown": "état inconnu",
        "live.log-empty": "Aucune ligne ne correspond.",
        "live.log-cut": "(affichée en partie)",
        "live.sign.point": ",",
        "live.sign.colon": " : ",
        "live.sign.B": "o",
        "live.sign.d": "j",
        "live.sign.h": "h",
        "live.sign.min": "min",
        "live.sign.s": "s",
        "live.age": "depuis {time}",
        "live.age-now": "à l'instant",
        "live.date.months": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
        "live.date.halves": "AM PM",
        "live.date.minute": "{hour}:{minute}",
        "live.date.second": "{hour}:{minute}:{second}",
        "live.date.day": "{day} {month}",
        "live.date.year": "{day} {month} {year}",
        "live.date.weekday": "{weekday} {day} {month}",
        "live.date.moment": "{date} à {time}",
        "live.figure.cpu_percent": "Utilisé",
        "live.figure.memory_used_percent": "Mémoire",
        "live.figure.swap_used_percent": "Espace d'échange",
        "live.figure.temperature_celsius": "Capteur",
        "live.figure.network_receive_rate": "Reçu",
        "live.figure.network_send_rate": "Envoyé",
        "live.figure.load_1m": "1 min",
        "live.figure.load_5m": "5 min",
        "live.figure.load_15m": "15 min",
        "live.figure.disk_used_percent": "Utilisé",
        "live.figure.process_memory_bytes": "Mémoire",
        "fault.under-voltage": (
            "La tension d'alimentation est trop basse : utilisez une alimentation plus puissante ou un câble"
            " plus court."
        ),
        "fault.frequency-capped": (
            "Le micrologiciel limite la fréquence du processeur : vérifiez l'alimentation et le"
            " refroidissement."
        ),
        "fault.throttled": "Le processeur est bridé : vérifiez l'alimentation et le refroidissement.",
        "fault.soft-temperature-limit": (
            "La première limite de température est atteinte : la carte a besoin d'air."
        ),
        "fault.name.under-voltage": "Sous-tension",
        "fault.name.frequency-capped": "Fréquence limitée",
        "fault.name.throttled": "Bridage",
        "fault.name.soft-temperature-limit": "Limite de température",
        "warning": "{source} : lecture impossible ({reason}).",
        "warning.channel": "{title} est hors ligne : {reason}.",
        "warning.unreadable": "{detail}",
        "warning.malformed": "contenu inattendu : {detail}",
        "warning.late": "pas de réponse en {detail} s",
        "warning.no-thread": "pas assez de mémoire pour lire",
        "warning.pending": "pas encore de réponse",
        "warning.source.processor": "Utilisation du processeur",
        "warning.source.load": "Charge",
        "warning.source.memory": "Mémoire",
        "warning.source.swap": "Espace d'échange",
        "warning.source.uptime": "Durée de fonctionnement",
        "warning.source.server": "Mémoire de ce serveur",
        "warning.source.network": "Réseau",
        "warning.source.clock": "État de l'horloge",
        "warning.source.firmware": "État de l'alimentation et du refroidissement",
        "warning.source.temperatures": "Températures",
        "warning.source.disk": "Disque {subject}",
        "warning.low": "{title} est au-dessous de sa limite.",
        "warning.high": "{title} est au-dessus de sa limite.",
        "overview.sensors": "Capteurs",
        "sensor.ok": "dans ses limites",
        "sensor.low": "trop bas",
        "sensor.high": "trop haut",
        "sensor.waiting": "pas encore de valeur",
        "warning.source.sensor": "Capteur {subject}",
        "warning.source.processes": "Liste des processus",
        "home.all-off": "Tout éteindre",
        "home.next": "Ensuite",
        "home.events": "Derniers événements",
        "home.state": "{title}\u00a0: {word}",
        "home.toggle": "{title}\u00a0: inversion",
        "home.toggle-done": "{title}\u00a0: inversion",
        "home.pulse": "{title}\u00a0: impulsion",
        "home.pulse-done": "{title}\u00a0: impulsion",
        "home.value": "{title}\u00a0: {amount}",
        "home.failed": "{what}, échec",
        "home.by": "par {who}",
        "home.by-schedule": "par une programmation",
        "home.by-timer": "par une minuterie",
        "overview.machine": "Machine",
        "overview.cores.one": "de {count} cœur",
        "overview.cores.other": "de {count} cœurs",
        "overview.temperature": "Température",
        "overview.up": "En service depuis",
        "overview.all-figures": "Toutes les mesures",
        "overview.processor": "Processeur",
        "overview.core": "Cœur {core}",
        "overview.load": "Charge, {minutes} min",
        "overview.memory": "Mémoire",
        "overview.used": "Utilisé",
        "overview.free": "Libre",
        "overview.total": "Total",
        "overview.swap": "Échange utilisé",
        "overview.server": "Ce serveur",
        "overview.disk": "Disque",
        "overview.heat": "Température et alimentation",
        "overview.since-boot": "depuis le démarrage",
        "overview.network": "Réseau",
        "overview.interface": "Interface",
        "overview.received": "Reçu",
        "overview.sent": "Envoyé",
        "overview.system": "Système",
        "overview.uptime": "depuis le démarrage de la machine",
        "overview.name": "Nom",
        "overview.profile": "Profil",
        "overview.clock": "Horloge",
        "overview.processes": "Processus les plus actifs",
        "overview.processes-show": "Afficher les processus les plus actifs",
        "overview.processes-hide": "Les masquer",
        "overview.process": "Processus",
        "things.none": "Il n'y a encore ni canal ni capteur. Ce que vous ajoutez fonctionne aussitôt.",
        "things.none-admin": "Demandez à un administrateur d'en ajouter.",
        "things.add": "Ajouter",
        "things.add-more": "Ajouter un canal ou un capteur",
        "things.add-text": "Choisissez à quoi il est relié.",
        "things.hardware": "Voir ce que cette carte a de libre",
        "things.add-channels": "À commuter ou à surveiller",
        "things.add-sensors": "À mesurer",
        "things.channels.gpio": "Une broche de la carte (GPIO)",
        "things.channels.led": "Une LED de la carte",
        "things.channels.pwm": "Un variateur ou un moteur (PWM)",
        "things.channels.memory": "En mémoire seulement : pour essayer",
        "things.channels.command": "Un programme",
        "things.sensors.w1": "Un thermomètre 1-Wire",
        "things.sensors.iio": "Un convertisseur ou un capteur I2C ou SPI (IIO)",
        "things.sensors.hwmon": "Une mesure de la carte (hwmon)",
        "things.sensors.file": "Un nombre dans un fichier",
        "things.sensors.command": "Un programme",
        "things.more": "Plus",
        "things.id": "Nom court pour les programmes ; vide : tiré du nom",
        "things.try": "Essayer",
        "things.try-hint": (
            "Essayer met une sortie en marche une demi-seconde, ou lit une entrée. Rien n'est gardé."
        ),
        "things.try-hint-sensors": "Essayer lit une valeur. Rien n'est gardé.",
        "things.not-read": "Lecture impossible : {reason}.",
        "things.tried": "Elle vient d'être en marche un instant. Si c'est la bonne, ajoutez-la.",
        "things.read": "Valeur lue : {state}.",
        "things.change": "Modifier",
        "things.save": "Enregistrer",
        "things.of-device": "défini sur l'appareil",
        "things.of-profile": "défini dans un fichier du profil",
        "things.remove": "Supprimer",
        "things.remove-channels": (
            "{title} n'est plus commuté ni montré. Ses programmations restent, en attente d'un canal de ce"
            " nom."
        ),
        "things.remove-sensors": "{title} n'est plus lu ni montré.",
        "things.pair-0": "À l'arrêt",
        "things.pair-1": "En marche",
        "things.range-0": "La plus basse",
        "things.range-1": "La plus haute",
        "things.override-": "comme dans les réglages",
        "things.override-true": "oui",
        "things.override-false": "non",
        "thing.sums.one": "En marche pendant {time} en tout, {count} mise en marche.",
        "thing.sums.other": "En marche pendant {time} en tout, {count} mises en marche.",
        "thing.recorded": (
            "Connu pour {time} de cette période. Le reste du temps, le serveur était arrêté ou le canal hors"
            " ligne."
        ),
        "thing.on-for": "en marche pendant {time}",
        "thing.word-sums.one": "« {word} » pendant {time} en tout, {count} fois.",
        "thing.word-sums.other": "« {word} » pendant {time} en tout, {count} fois.",
        "thing.word-for": "{word} pendant {time}",
        "thing.no-schedule": "Aucune programmation ne le commande.",
        "thing.about": "Détails",
        "thing.kind": "Type",
        "thing.of-program": "Ses valeurs viennent d'un programme",
        "thing.id": "Nom pour les programmes",
        # before an example, in the labels of options
        "thing.example": ", par exemple ",
        "thing.read": "Dernière lecture",
        "thing.limits": "Limites",
        "thing.no-value": "Aucune valeur de cette période pour l'instant.",
        "thing.all-charts": "Tous les graphiques",
        "thing.no-event": "Rien ne s'est encore passé.",
        "thing.all-events": "Tous les événements",
        "ask.group": "Vraiment tout éteindre dans {group} ? Demandent confirmation : {titles}.",
        "ask.question": "Vraiment commuter {title} ?",
        "ask.yes": "Commuter",
        "ask.no": "Annuler",
        "ask.reload": "Ce canal demande d'abord : rechargez la page.",
        "channels.viewer": "Vous pouvez tout consulter ; pour commuter, il faut le rôle « Commande ».",
        "channel.value": "Niveau",
        "channel.set": "Régler",
        "channel.seconds": "Secondes",
        "channel.pulse": "Impulsion",
        "channel.press": "Appuyer",
        "channel.interlock": (
            "Verrouillé avec {others} : un seul peut être en marche à la fois. Arrêtez d'abord l'autre."
        ),
        "channel.max-on": "S'arrête de lui-même après {time}.",
        "channel.on_count": "Mises en marche",
        "channel.changed": "Dernier changement",
        "channel.driver": "Pilote",
        "history.span": "Période affichée",
        "history.minutes": "10 minutes",
        "history.hour": "1 heure",
        "history.day": "24 heures",
        "history.week": "1 semaine",
        "history.year": "1 an",
        "history.zoom": "Zoom",
        "history.zoom-in": "Agrandir",
        "history.zoom-out": "Réduire",
        "history.zoom-reset": "Tout",
        "history.off": (
            "L'historique est désactivé : indiquez dans les réglages, sous « Historique », combien de mesures"
            " sont gardées."
        ),
        "history.empty": (
            "Il n'y a pas encore de mesure. Tant que le serveur fonctionne, une mesure s'ajoute toutes les"
            " {time}."
        ),
        "history.hint": (
            "Tirez sur un graphique pour l'agrandir ; un double clic le montre en entier. Les mesures sont"
            " gardées en mémoire et perdues à l'arrêt du serveur."
        ),
        "history.hint-kept": (
            "Tirez sur un graphique pour l'agrandir ; un double clic le montre en entier. La semaine est"
            " montrée par heures, l'année par jours (UTC). Les heures sont gardées un an."
        ),
        "history.empty-kept": "Aucune heure d'un capteur n'a encore été gardée.",
        "history.table": "Télécharger le tableau (CSV)",
        "history.figure": "Grandeur",
        "history.now": "Actuel",
        "history.least": "Min.",
        "history.mean": "Moy.",
        "history.most": "Max.",
        "history.chart.processor": "Processeur",
        "history.chart.memory": "Mémoire",
        "history.chart.temperature": "Température",
        "history.chart.network": "Réseau",
        "history.chart.load": "Charge",
        "history.chart.disk": "Disque",
        "history.chart.server": "Ce serveur",
        "services.title": "Services",
        "services.none": (
            "Le profil ne nomme aucun service. Nommez-en dans /etc/edgeweb/edgeweb.toml.d/services.toml et"
            " redémarrez le serveur :"
        ),
        "services.silent": "systemd ne répond pas.",
        "service.active": "actif",
        "service.inactive": "inactif",
        "service.failed": "en échec",
        "service.activating": "en démarrage",
        "service.deactivating": "en arrêt",
        "service.reloading": "en rechargement",
        "services.restart": "Redémarrer",
        "services.restart-text": (
            "{service} s'arrête et redémarre. Les programmes qui l'utilisent sont interrompus."
        ),
        "power.title": "Machine",
        "power.reboot": "Redémarrer la machine",
        "power.reboot-text": (
            "Tout s'arrête et redémarre. L'appareil est injoignable pendant une minute environ."
        ),
        "power.shutdown": "Éteindre la machine",
        "power.shutdown-text": "Tout s'arrête. Il faudra ensuite rallumer l'appareil à la main.",
        "power.off": (
            "Le profil ne le permet pas. Pour le permettre, mettez system.power = true dans le profil."
        ),
        "hardware.intro": (
            "Voici ce que le noyau connaît. Rien n'a été réservé, commuté ni mesuré pour cette page."
        ),
        "hardware.fault": "Lecture impossible : {reason}.",
        "hardware.table": "Tableau : {of}",
        "hardware.nothing": "Rien n'est branché.",
        "hardware.cut": "Il y en a davantage ; seules les 512 premières lignes sont affichées.",
        "hardware.bus.gpio": "Lignes GPIO",
        "hardware.bus.leds": "LED",
        "hardware.bus.pwm": "Sorties PWM",
        "hardware.bus.onewire": "1-Wire",
        "hardware.bus.iio": "Convertisseurs et capteurs (IIO)",
        "hardware.bus.hwmon": "Surveillance du matériel (hwmon)",
        "hardware.bus.i2c": "Bus I2C",
        "hardware.bus.cameras": "Caméras",
        "hardware.none.gpio": "Cette machine n'a pas de puce GPIO, ou son pilote n'est pas chargé.",
        "hardware.none.leds": "Cette machine n'a pas de LED.",
        "hardware.none.pwm": (
            "Il n'y a pas de contrôleur PWM ; sur un Raspberry Pi, dtoverlay=pwm-2chan en ajoute un."
        ),
        "hardware.none.onewire": (
            "Il n'y a pas de bus 1-Wire ; sur un Raspberry Pi, dtoverlay=w1-gpio en ajoute un."
        ),
        "hardware.none.iio": "Aucun convertisseur ni capteur n'a de pilote IIO du noyau.",
        "hardware.none.hwmon": "Cette machine n'a pas de surveillance du matériel.",
        "hardware.none.i2c": (
            "Il n'y a pas de bus I2C ; sur un Raspberry Pi, dtparam=i2c_arm=on en ajoute un."
        ),
        "hardware.none.cameras": "Cette machine n'a pas de périphérique vidéo.",
        "hardware.direction.input": "entrée",
        "hardware.direction.output": "sortie",
        "hardware.column.line": "Ligne",
        "hardware.column.name": "Nom",
        "hardware.column.pin": "Broche",
        "hardware.column.direction": "Sens",
        "hardware.column.used": "Occupée par",
        "hardware.column.used_by": "Utilisé par",
        "hardware.column.channel": "Utiliser",
        "hardware.column.sensor": "Utiliser",
        "hardware.column.led": "LED",
        "hardware.column.max_brightness": "Niveaux",
        "hardware.column.trigger": "Déclencheur",
        "hardware.column.enabled": "Active",
        "hardware.column.period_ns": "Période (ns)",
        "hardware.column.duty_ns": "Niveau haut (ns)",
        "hardware.column.device": "Périphérique",
        "hardware.column.prefix": "Canal",
        "hardware.column.kind": "Type",
        "hardware.column.unit": "Unité",
        "hardware.column.value": "Valeur",
        "hardware.column.input": "Entrée",
        "hardware.column.label": "Libellé",
        "hardware.column.address": "Adresse",
        "hardware.column.driver": "Pilote",
        "hardware.column.path": "Fichier de périphérique",
        "logs.unit": "Service",
        "logs.priority": "Au moins",
        "logs.lines": "Lignes",
        "logs.text": "Contenant le texte",
        "logs.follow": "Suivre",
        "priority.7": "Tout",
        "priority.6": "Information",
        "priority.5": "Avis",
        "priority.4": "Avertissement",
        "priority.3": "Erreur",
        "people.users": "Utilisateurs",
        "people.name": "Nom",
        "people.password": "Mot de passe",
        "people.new-password": "Nouveau mot de passe, 10 caractères au moins",
        "people.set-password": "Changer le mot de passe",
        "people.role": "Rôle",
        "people.set-role": "Changer le rôle",
        "people.roles": (
            "« Lecture » peut tout consulter, « Commande » peut aussi commuter, « Administration » peut tout"
            " faire."
        ),
        "people.change": "Modifier",
        "people.remove": "Supprimer",
        "people.remove-text": (
            "{name} ne pourra plus se connecter ; ses jetons et ses sessions prennent fin aussitôt."
        ),
        "people.add": "Ajouter un utilisateur",
        "factor": "Second facteur",
        "factor.hint": (
            "Avec une application d'authentification sur votre téléphone, un mot de passe seul ne suffit plus"
            " pour se connecter. L'horloge de cet appareil doit alors être à l'heure."
        ),
        "factor.set-up": "Configurer",
        "factor.on": "Pour vous connecter, il vous faut un code de votre application.",
        "factor.left.one": "Il reste {count} code de secours.",
        "factor.left.other": "Il reste {count} codes de secours.",
        "factor.scan": "Scannez ceci avec l'application d'authentification de votre téléphone.",
        "factor.picture": "Code QR avec le secret",
        "factor.type": "Ou saisissez le secret :",
        "factor.code": "Code",
        "factor.switch-on": "Activer",
        "factor.enter": "Saisissez le code de votre application d'authentification, ou un code de secours.",
        "factor.keep": (
            "Notez ces codes : chacun permet de se connecter une fois sans le téléphone. Ils ne sont montrés"
            " que maintenant. Sans téléphone ni codes, le second facteur peut être retiré par un"
            " administrateur ou par la ligne de commande de l'appareil."
        ),
        "factor.remove": "Désactiver le second facteur",
        "factor.remove-text": "Ensuite, le mot de passe de {name} suffira de nouveau pour se connecter.",
        "factor.remove-own": "Ensuite, votre mot de passe suffira de nouveau pour vous connecter.",
        "sessions.title": "Navigateurs connectés",
        "sessions.this": "celui-ci",
        "sessions.seen": "Dernière activité :",
        "sessions.end": "Déconnecter",
        "sessions.none": "Personne n'est connecté par un navigateur.",
        "tokens.title": "Jetons",
        "tokens.hint": (
            "Un programme envoie un jeton au lieu d'un mot de passe. Un jeton ne permet jamais plus que son"
            " utilisateur."
        ),
        "tokens.none": "Il n'y a pas encore de jeton.",
        "tokens.note": "Usage prévu",
        "tokens.number": "numéro {number}",
        "tokens.add": "Créer un jeton",
        "tokens.made": "Le nouveau jeton",
        "tokens.once": "Copiez-le maintenant : il ne sera plus affiché.",
        "tokens.revoke": "Révoquer",
        "people.end-tokens": "Révoquer aussi tous les jetons de cet utilisateur",
        "scope.accounts": "Utilisateurs, rôles et jetons",
        "scope.backup": "Sauvegarde et restauration",
        "scope.power": "Redémarrer les services et la machine",
        "scope.things": "Ajouter, modifier et supprimer des canaux et des capteurs",
        "scope.reset": "Réinitialiser l'appareil",
        "tokens.scopes": "Sans mot de passe, il peut aussi",
        "tokens.days": "Valable",
        "tokens.days-0": "jusqu'à sa révocation",
        "tokens.days-30": "pendant 30 jours",
        "tokens.days-90": "pendant 90 jours",
        "tokens.days-365": "pendant un an",
        "tokens.created": "Créé :",
        "tokens.used": "Dernière utilisation :",
        "tokens.expires": "Valable jusqu'à :",
        "news.title": "Derniers changements d'accès",
        "audit.text": "Contenant le texte",
        "audit.at": "Quand",
        "audit.who": "Qui",
        "audit.source": "Depuis",
        "audit.none": "Aucun changement ne correspond.",
        "audit.newest": "Plus récents",
        "audit.older": "Plus anciens",
        "audit.file": "Tous les changements dans un fichier (JSON Lines)",
        "audit.what": "Quoi",
        "audit.not-done": "Non fait",
        "audit.local": "cet appareil",
        "audit.several": "plusieurs adresses",
        "audit.unknown-name": "un nom inconnu",
        "audit.unknown-token": "Ce jeton n'existe pas.",
        "audit.who.-": "non connecté",
        "audit.who.timer": "une minuterie",
        "audit.who.schedule": "une programmation",
        "audit.who.command line": "la ligne de commande",
        "audit.result.on": "activation",
        "audit.result.off": "arrêt",
        "audit.result.toggle": "basculement",
        "audit.result.switch": "commutation",
        "audit.result.pulse": "impulsion de {amount}",
        "audit.result.value": "réglage sur {amount}",
        "audit.result.removed": "suppression",
        "audit.do.channel.set": "{target} : {result}",
        "audit.do.channel.value": "{target} : {result}",
        "audit.do.channel.pulse": "{target} : {result}",
        "audit.do.channel.ramp": "{target} : {result}",
        "audit.do.channel.start": "{target}, au démarrage du serveur : {result}",
        "audit.do.channel.exit": "{target}, à l'arrêt du serveur : {result}",
        "audit.do.channel.add": "Nouveau canal {target}",
        "audit.do.channel.change": "Canal {target} modifié",
        "audit.do.channel.remove": "Canal {target} supprimé",
        "audit.do.sensor.add": "Nouveau capteur {target}",
        "audit.do.sensor.change": "Capteur {target} modifié",
        "audit.do.sensor.remove": "Capteur {target} supprimé",
        "audit.do.schedule.add": "Nouvelle programmation {target} : {result}",
        "audit.do.schedule.change": "Programmation {target} modifiée : {result}",
        "audit.do.schedule.remove": "Programmation {target} supprimée : {result}",
        "audit.do.schedule.run": "Programmation {target} : {result}",
        "audit.do.setting.change": "{target} : {result}",
        "audit.do.user.add": "Nouvel utilisateur {target} : {result}",
        "audit.do.user.role": "Nouveau rôle de {target} : {result}",
        "audit.do.user.password": "Nouveau mot de passe de {target}",
        "audit.do.user.remove": "Utilisateur {target} supprimé",
        "audit.do.user.second-factor": "Second facteur de {target}",
        "audit.do.user.second-factor-on": "Second facteur de {target} activé",
        "audit.do.user.second-factor-off": "Second facteur de {target} désactivé",
        "audit.do.token.add": "Nouveau jeton de {target} : {result}",
        "audit.do.token.revoke": "Jeton {target} révoqué",
        "audit.do.token.revoke-all": "Tous les jetons de {target} révoqués",
        "audit.do.token": "Utilisation d'un jeton",
        "audit.do.session.begin": "Connexion de {target}",
        "audit.do.session.end": "Déconnexion de {target}",
        "audit.do.session.end-ended": "Un navigateur a été déconnecté",
        "audit.do.session.confirm": "{target} a saisi de nouveau le mot de passe",
        "audit.do.session.recovery": "Connexion de {target} avec un code de secours",
        "audit.do.sign-in": "Tentative de connexion : {target}",
        "audit.do.setup": "Création du premier propriétaire",
        "audit.do.request": "Requête {target}",
        "audit.do.state.backup": "Sauvegarde de {target} : {result}",
        "audit.do.state.restore": "Restauration d'une sauvegarde de {result}",
        "audit.do.state.reset": "Réinitialisation de {target}",
        "audit.do.system.reboot": "Redémarrage de {target}",
        "audit.do.system.shutdown": "Arrêt de {target}",
        "audit.do.software.update": "Mise à jour vers la version {target}",
        "audit.do.service.restart": "Redémarrage de {target}",
        "software.installed": "Installée",
        "software.available": "Disponible",
        "software.newest": "aucune version plus récente",
        "software.security": "mise à jour de sécurité",
        "software.fetched": "Dernière vérification",
        "software.never": "jamais",
        "software.changelog": "Changements",
        "software.update": "Passer à la version {version}",
        "software.update-text": (
            "La nouvelle version est installée et démarrée. Les canaux se comportent comme à chaque"
            " redémarrage. Si elle n'est pas prête en deux minutes, l'ancienne version revient avec ses"
            " données."
        ),
        "software.button": "Mettre à jour maintenant",
        "software.reason.no-package": (
            "edgeweb n'a pas été installé ici par son paquet Debian : rien n'est proposé. Mettez-le à jour"
            " de la façon dont il a été installé."
        ),
        "software.reason.no-apt": (
            "Ce système n'a pas apt : rien n'est proposé. Une nouvelle image apporte une nouvelle version."
        ),
        "software.reason.no-unit": "edgeweb-update.service manque : réinstallez le paquet Debian d'edgeweb.",
        "software.step.fetching": "La nouvelle version est en cours de téléchargement.",
        "software.step.saving": "La version et les données actuelles sont en cours de sauvegarde.",
        "software.step.installing": "La version {after} est en cours d'installation.",
        "software.step.waiting": "La version {after} démarre.",
        "software.step.restoring": "La version {before} est en cours de rétablissement.",
        "software.ended.updated": "La version {after} est installée et prête.",
        "software.ended.restored": "La version {before} est de retour, avec ses données.",
        "software.ended.refused": "Rien n'a été changé.",
        "software.ended.failed": (
            "La mise à jour a échoué, et la version d'avant n'est pas prête non plus. journalctl -u"
            " edgeweb-update dit pourquoi."
        ),
        "software.cause.nothing-newer": "apt ne propose aucune version plus récente.",
        "software.cause.no-package": "edgeweb n'est pas installé par son paquet Debian.",
        "software.cause.no-space": "Il n'y a pas assez de place pour une copie des données.",
        "software.cause.no-way-back": (
            "Le paquet de la version installée est introuvable : il n'y aurait pas de retour possible."
        ),
        "software.cause.not-fetched": "La nouvelle version ne peut pas être téléchargée.",
        "software.cause.other-packages": (
            "La nouvelle version a aussi besoin d'autres paquets : mettez l'appareil à jour avec apt."
        ),
        "software.cause.not-installed": "La nouvelle version n'a pas pu être installée.",
        "software.cause.not-ready": "La nouvelle version n'était pas prête en deux minutes.",
        "software.cause.power-cut": "L'appareil a été éteint plusieurs fois pendant la mise à jour.",
        "about.device": "Appareil",
        "about.addresses": "Adresses",
        "about.model": "Modèle",
        "about.architecture": "Architecture",
        "about.system": "Système",
        "about.support-until": "Mises à jour de sécurité jusqu'au",
        "about.read": "Lire",
        "about.process": "Ce processus",
        "about.Rss": "Mémoire résidente",
        "about.Pss": "Mémoire, part calculée",
        "about.Private_Dirty": "Mémoire privée",
        "about.Swap": "Dans l'espace d'échange",
        "about.history": "Historique",
        "about.threads": "Fils d'exécution",
        "about.parts": "Versions et licences",
        "about.part": "Composant",
        "about.version": "Version",
        "about.licence": "Licence",
        "error.status": "Code {status}",
        "error.back": "Retour à la vue d'ensemble",
        "set-up.text": (
            "Cet appareil n'a pas encore de propriétaire. Son code de mise en service se trouve sur l'écran"
            " qui y est branché, dans le fichier que vous lui avez donné ou dans son journal : regardez là où"
            " le serveur a été lancé, ou exécutez cette commande sur l'appareil :"
        ),
        "set-up.ends": (
            "Le code est valable {hours} heures à partir du démarrage, et pour {tries} essais erronés."
            " Ensuite, éteignez et rallumez l'appareil : il en aura un nouveau."
        ),
        "set-up.code": "Code de mise en service",
        "set-up.name": "Votre nom",
        "set-up.button": "Devenir propriétaire",
        "done.service-restart": "Le service redémarre ; l'état ci-dessous suit.",
        "done.reboot": "La machine redémarre.",
        "done.shutdown": "La machine s'éteint.",
        "done.software-update": (
            "La mise à jour a commencé. La page la suit ; pendant un moment, l'appareil est injoignable."
        ),
        "done.user-add": "L'utilisateur est ajouté.",
        "done.user-role": "Le rôle est modifié.",
        "done.second-factor-remove": "Le second facteur est désactivé.",
        "done.user-password": "Le mot de passe est modifié.",
        "done.user-remove": "L'utilisateur est supprimé.",
        "done.session-end": "Ce navigateur est déconnecté.",
        "done.token-revoke": "Le jeton est révoqué.",
        "problem.bad-request": "La demande n'a pas été comprise : rechargez la page et réessayez.",
        "problem.malformed-json": "La demande n'est pas du JSON valide.",
        "problem.no-owner": (
            "Cet appareil n'a pas encore de propriétaire : rechargez la page pour le configurer."
        ),
        "problem.invalid-query": "L'adresse contient une indication qui ne convient pas.",
        "problem.unauthenticated": "Connectez-vous d'abord.",
        "problem.wrong-password": "Le nom ou le mot de passe est incorrect.",
        "problem.second-factor": "Il manque le code du second facteur.",
        "problem.wrong-second-factor": "Ce code est faux ou déjà utilisé : attendez le suivant.",
        "problem.wrong-code": (
            "Ce n'est pas le code de mise en service. Il se trouve sur l'écran de l'appareil et dans son"
            " journal : journalctl -u edgeweb."
        ),
        "problem.expired-code": (
            "Le code de mise en service a expiré, ou trop de codes erronés ont été essayés. Éteignez et"
            " rallumez l'appareil : il en aura ensuite un nouveau."
        ),
        "problem.unconfirmed": "Saisissez aussi votre propre mot de passe, puis renvoyez le formulaire.",
        "problem.forbidden": "Votre rôle ne le permet pas : adressez-vous à un administrateur.",
        "problem.cross-site": (
            "Un autre site a peut-être envoyé ce formulaire : rechargez la page et renvoyez-le."
        ),
        "problem.unnamed-proxy": (
            "Un proxy que le profil ne nomme pas a transmis cette demande : donnez son adresse à"
            " server.behind_proxy, puis redémarrez edgeweb."
        ),
        "problem.no-cookies": (
            "Votre navigateur ne garde pas de cookies pour cette adresse et ne peut pas rester connecté sans"
            " eux. Autorisez-les, puis réessayez. Dans un cadre d'un autre site, les navigateurs n'en gardent"
            " pas : ouvrez l'appareil dans son propre onglet."
        ),
        "problem.not-found": "Il n'y a rien à cette adresse.",
        "problem.unknown-channel": "Ce canal n'existe pas.",
        "problem.unknown-sensor": "Ce capteur n'existe pas.",
        "problem.method-not-allowed": "Cette adresse ne permet pas cela.",
        "problem.conflict": "L'état actuel ne le permet pas.",
        "problem.not-an-output": "Ce canal est une entrée : il se lit, il ne se commande pas.",
        "problem.channel-busy": "Le canal est occupé : réessayez quand il aura fini.",
        "problem.interlocked": "Un autre canal du même groupe est en marche : arrêtez-le d'abord.",
        "problem.not-acceptable": "Cette adresse ne fournit qu'un flux d'événements.",
        "problem.too-large": "C'est trop grand ; la limite est server.body_bytes dans le profil.",
        "problem.unsupported-media-type": "La demande n'a pas le bon type de contenu.",
        "problem.invalid-fields": "Certaines indications ne conviennent pas.",
        "problem.too-many-attempts": "Trop d'essais : patientez un moment.",
        "problem.internal-error": (
            "Une erreur s'est produite sur le serveur ; son journal en donne la raison."
        ),
        "problem.too-many-waiting": "Le changement est fait, mais trop de demandes attendent une réponse.",
        "problem.system-refused": "Le système a refusé.",
        "problem.state-in-use": "Un autre processus de ce serveur détient l'appareil : rechargez la page."
        " La personne qui exploite le serveur doit le démarrer avec un seul worker.",
        "problem.channel-offline": "Le canal est hors ligne : son pilote n'atteint pas le matériel.",
        "problem.precondition-failed": "Une autre personne l'a modifié entre-temps : rechargez la page.",
        "problem.too-many-rows": "Cela fait trop de lignes : choisissez une période plus courte.",
        "problem.precondition-required": "La page n'est plus à jour : rechargez-la.",
        "expect": "Attendu : {what}.",
        "expect.string": "un texte d'au plus {most} caractères affichables",
        "expect.name": "un nom de 1 à 64 lettres, chiffres et _ . - qui commence par une lettre ou _",
        "expect.number": "un nombre de {least} à {most}",
        "expect.integer": "un nombre entier de {least} à {most}",
        "expect.boolean": "oui ou non",
        "expect.limit": "un nombre de {least} à {most}, ou rien",
        "expect.size": "une taille de {least} à {most}, par exemple 64 KiB",
        "expect.duration": (
            "des secondes, ou une durée avec son unité comme 500 ms ou 10 min, de {least} à {most}"
        ),
        "expect.strings": "un texte par ligne, de 1 à {most} caractères",
        "expect.units": "un service par ligne, par exemple nginx.service",
        "expect.choice": "un choix parmi {choices}",
        "expect.needed": "une valeur : elle est indispensable",
        "expect.pair": "deux textes d'au plus {most} caractères, ou aucun",
        "expect.range": "deux nombres, le plus petit d'abord, ou aucun",
        "expect.override": "oui, non, ou comme dans les réglages",
        "expect.free": "un autre nom : celui-ci est pris",
        "expect.gpio.line": "une ligne, ou une broche ci-dessous",
        "expect.gpio.pin": (
            "une broche qui a une ligne : les autres sont alimentation et masse. GPIO6 n'est pas une broche"
            " : saisissez-le comme ligne"
        ),
        "expect.gpio.chip": "rien à côté d'une broche, qui suffit",
        "expect.iio.channel": "le nom d'une voie, par exemple temp ou voltage0",
        "expect.file.path": "un chemin qui commence par une barre oblique",
        "expect.channels.pulse": "une durée entre la plus courte et la plus longue impulsion",
        "expect.channels.at_start": "un autre état : une sortie du même verrouillage démarre en marche",
        "expect.sensors.high": "plus que la limite basse",
        "expect.longer": "un mot de passe d'au moins {least} caractères",
        "expect.harder": "un mot de passe plus difficile à deviner",
        "group.sensors": "Machine",
        "group.history": "Historique",
        "group.storage": "Stockage",
        "group.access": "Accès",
        "group.schedules": "Programmations",
        "group.device": "Lieu de l'appareil, pour le lever et le coucher du soleil",
        "group.dashboard": "Tableau de bord",
        "setting.sensors.interval": "Temps entre deux mesures de la machine",
        "setting.sensors.temperatures": "Lire les capteurs de température",
        "setting.sensors.interfaces": (
            "Interfaces réseau affichées, une par ligne ; vide : toutes celles qui ont du trafic"
        ),
        "setting.history.interval": "Temps entre deux mesures gardées",
        "setting.history.length": "Nombre de mesures gardées ; 0 : aucune",
        "setting.history.keep": "Garder les heures de tous les capteurs pendant un an",
        "setting.storage.watch": "Dossiers dont le disque est affiché, un par ligne",
        "setting.access.session_idle": "Temps d'inactivité après lequel un navigateur est déconnecté",
        "setting.access.audit_rows": "Entrées du journal des changements",
        "setting.schedules.wait_for_clock": (
            "Les programmations datées attendent que le réseau ait réglé l'horloge"
        ),
        "setting.device.latitude": "Latitude en degrés, négative au sud ; vide : aucune",
        "setting.device.longitude": "Longitude en degrés, négative à l'ouest ; vide : aucune",
        "setting.dashboard.title": "Titre de toutes les pages ; vide : le nom de la machine",
        "setting.channels.*.title": "Nom affiché",
        "setting.channels.*.at_start": "État au démarrage du serveur",
        "setting.channels.*.at_exit": "État à l'arrêt du serveur",
        "setting.channels.*.busy_delay": "Pause après une commutation",
        "setting.channels.*.max_on": "Durée maximale en marche ; 0 : sans limite",
        "setting.channels.*.pulse": "Durée d'une impulsion",
        "setting.channels.*.pulse_min": "Impulsion la plus courte",
        "setting.channels.*.pulse_max": "Impulsion la plus longue",
        "setting.channels.*.ramp": "Temps de 0 à 100 % ; 0 : immédiat",
        "setting.channels.*.debounce": "Temps pendant lequel une entrée doit garder son niveau pour compter",
        "setting.channels.*.mode": "Ce qu'il fait",
        "setting.channels.*.inverted": "Inversé : marche est le niveau bas",
        "setting.channels.*.interlock": (
            "Verrouillage : parmi les sorties de même mot, une au plus est en marche"
        ),
        "setting.channels.*.poll": "Temps entre deux lectures du niveau ; 0 : aucune",
        "setting.channels.*.group": "Groupe, par exemple une pièce ; vide : aucun",
        "setting.channels.*.order": "Rang parmi les autres ; les plus petits d'abord",
        "setting.channels.*.icon": "Symbole",
        "setting.channels.*.words": "Mots pour son état",
        "setting.channels.*.ask": "Demander avant de commuter",
        "option.gpio.line": "Ligne : numéro ou nom, par exemple GPIO17",
        "option.gpio.pin": "Ou la broche : position sur le connecteur à 40 broches ; 0 : aucune",
        "option.gpio.chip": "Puce de la ligne ; vide : selon la ligne",
        "option.gpio.bias": "Résistance à la broche",
        "option.led.line": "Nom de la LED, par exemple ACT",
        "option.pwm.line": "Numéro de la sortie",
        "option.pwm.chip": "Contrôleur",
        "option.pwm.frequency": "Périodes par seconde (Hz)",
        "option.memory.fault": "Panne à répéter",
        "option.w1.device": "Thermomètre, par exemple 28-0316a2795e1f",
        "option.iio.device": "Appareil, par exemple bme280",
        "option.iio.channel": "Sa voie, par exemple temp ou voltage0",
        "option.hwmon.chip": "Puce, par exemple cpu_thermal",
        "option.hwmon.input": "Son entrée, par exemple temp1",
        "option.file.path": "Fichier, par exemple /run/weather/rain",
        "setting.sensors.*.title": "Nom affiché",
        "setting.sensors.*.unit": "Unité de la valeur ; vide : celle de la mesure",
        "setting.sensors.*.scale": "La mesure est multipliée par",
        "setting.sensors.*.offset": "Puis on ajoute",
        "setting.sensors.*.interval": "Temps entre deux mesures",
        "setting.sensors.*.low": "Trop bas en dessous de ; vide : sans limite",
        "setting.sensors.*.high": "Trop haut au-dessus de ; vide : sans limite",
        "setting.sensors.*.hysteresis": "Retour nécessaire pour quitter l'alerte",
        "setting.sensors.*.for": "Temps passé hors limite avant l'alerte",
        "setting.sensors.*.group": "Groupe ; vide : aucun",
        "setting.sensors.*.icon": "Symbole",
        "setting.sensors.*.valid": "Valeurs possibles ; d'autres signifient un fil coupé. Vide : toutes",
        "setting.sensors.*.keep": "Garder ses heures pendant un an",
        "setting.sensors.*.order": "Rang parmi les autres ; les plus petits d'abord",
        "choice.": "aucun",
        "choice.lamp": "lampe",
        "choice.plug": "prise",
        "choice.fan": "ventilateur",
        "choice.pump": "pompe",
        "choice.door": "porte",
        "choice.blind": "store",
        "choice.flame": "chauffage",
        "choice.lock": "serrure",
        "choice.bell": "sonnette",
        "choice.thermometer": "thermomètre",
        "choice.drop": "goutte",
        "choice.light": "lumière",
        "choice.bolt": "électricité",
        "choice.gauge": "cadran",
        "choice.distance": "distance",
        "choice.air": "air",
        "choice.tank": "réservoir",
        "choice.on": "marche",
        "choice.off": "arrêt",
        "choice.leave": "laisser tel quel",
        "choice.restore": "le dernier état",
        "choice.as-is": "telle quelle",
        "choice.disabled": "aucune",
        "choice.pull-up": "vers l'alimentation (pull-up)",
        "choice.pull-down": "vers la masse (pull-down)",
        "choice.none": "aucune",
        "choice.hang": "ne répond jamais",
        "choice.fail": "échoue",
        "choice.vanish": "part et revient",
        "choice.slow": "est lente",
        "mqtt.connected": "MQTT : connecté à {broker} depuis {since}.",
        "mqtt.connecting": "MQTT : connexion à {broker} en cours depuis {since}.",
        "mqtt.waiting": "MQTT : pas de connexion à {broker} depuis {since}, nouvel essai en cours.",
        "mqtt.closed": "MQTT : connexion à {broker} terminée à {since}.",
        "mqtt.error": "Dernier problème : {reason}",
        "mqtt.lost.one": "{count} évènement a été perdu.",
        "mqtt.lost.other": "{count} évènements ont été perdus.",
        "settings.save": "Enregistrer les changements",
        "settings.expert": "Réglages avancés",
        "settings.search": "Trouver un réglage",
        "settings.no-match": "Aucun réglage ne correspond.",
        "settings.refused": "Rien n'a été enregistré : vérifiez les champs ci-dessous.",
        "settings.changed": "modifié",
        "settings.pending": "en vigueur au prochain démarrage du serveur",
        "settings.restart": "En vigueur au prochain démarrage",
        "settings.profile": "Dans le profil : {value}",
        "settings.back": "Reprendre la valeur du profil",
        "settings.undo": "Annuler le dernier changement",
        "settings.empty": "rien",
        "settings.ignored": "Ignoré, car cela ne convient pas à cet appareil : {key} ({reason})",
        "schedules.none": "Il n'y a pas encore de programmation.",
        "schedules.no-output": "Il n'y a aucune sortie à commuter.",
        "schedules.waiting": "Les programmations datées attendent que le réseau ait réglé l'horloge.",
        "schedules.waiting-timesyncd": "systemd-timesyncd a besoin du réseau et d'un serveur de temps.",
        "schedules.waiting-time-service": (
            "Aucun service de temps ne l'a réglée : lancez-en un, comme chrony. Si l'horloge est juste sans"
            " cela, mettez schedules.wait_for_clock = false."
        ),
        "schedules.waiting-unknown": (
            "Ni systemd ni le noyau n'indiquent si elle est juste. Si elle l'est, mettez"
            " schedules.wait_for_clock = false."
        ),
        "schedules.add": "Ajouter une programmation",
        "schedules.change": "Modifier",
        "schedules.save": "Enregistrer",
        "schedules.remove": "Supprimer",
        "schedules.undo": "Rétablir « {title} »",
        "schedules.enable": "Activer",
        "schedules.disable": "Suspendre",
        "schedules.name": "Nom court pour les programmes ; vide : tiré du titre",
        "schedules.title": "Titre",
        "schedules.channel": "Canal",
        "schedules.action": "Action",
        "schedules.pulse_ms": "Impulsion en secondes ; vide : comme réglé pour le canal",
        "schedules.value": "Niveau en pour cent",
        "schedules.kind": "Quand",
        "schedules.date": "Date et heure de l'appareil",
        "schedules.time": "À, ou à partir de",
        "schedules.until": "Jusqu'à",
        "schedules.clock": "Heure",
        "schedules.minutes": "Minutes avant ou après",
        "schedules.no-place": (
            "Pour le lever et le coucher du soleil, indiquez latitude et longitude dans les réglages."
        ),
        "schedules.side-clock": "une heure",
        "schedules.side-before": "avant le {event}",
        "schedules.side-after": "après le {event}",
        "schedules.sunrise": "lever du soleil",
        "schedules.sunset": "coucher du soleil",
        "schedules.at-before": "{minutes} min avant le {event}",
        "schedules.at-after": "{minutes} min après le {event}",
        "schedules.when-daily": "{days} : {at}",
        "schedules.when-span": "{days} : {at} à {until}",
        "schedules.when-interval": "toutes les {time}",
        "schedules.week": "Jours",
        "schedules.week-weekdays": "du lundi au vendredi",
        "schedules.week-weekend": "samedi et dimanche",
        "schedules.week-every": "chaque jour",
        "schedules.week-chosen": "certains jours",
        "schedules.days": "Certains jours",
        "schedules.every": "Minutes entre deux exécutions",
        "schedules.enabled": "Active",
        "schedules.next": "Prochaine",
        "schedules.last": "Dernière",
        "schedules.never": "jamais",
        "schedules.when-clock-is-set": "quand l'horloge sera réglée",
        "schedules.rests": "suspendue",
        "schedules.result-ok": "faite",
        "schedules.result-missed": "manquée",
        "schedules.result-interrupted": "interrompue",
        "schedules.expect.name": "Un autre nom : celui-ci ne convient pas, ou il y a trop de programmations.",
        "schedules.expect.title": "Un titre d'au plus 100 caractères.",
        "schedules.expect.channel": "Un canal qui est une sortie et permet cela.",
        "schedules.expect.action": "Une action de ce canal ; d'une heure à une autre : marche ou niveau.",
        "schedules.expect.pulse_ms": "Des secondes dans les limites de l'impulsion du canal.",
        "schedules.expect.value": "De 0 à 100 pour cent ; d'une heure à une autre : plus de 0.",
        "schedules.expect.kind": "D'une heure à une autre, à une heure, une fois ou à intervalles.",
        "schedules.expect.at": "Une date future, ou une heure.",
        "schedules.expect.offset_minutes": "De 1 à 360 minutes, pour le lever et le coucher du soleil.",
        "schedules.expect.until": "Une heure, autre que celle du début.",
        "schedules.expect.until_offset_minutes": "De 1 à 360 minutes, pour le lever et le coucher du soleil.",
        "schedules.expect.place": "Indiquez d'abord latitude et longitude dans les réglages.",
        "schedules.expect.days": "Au moins un jour.",
        "schedules.expect.every": "De 10 secondes à une semaine.",
        "schedules.expect.enabled": "Oui ou non.",
        "kind.span": "De ... à ...",
        "kind.daily": "À heure fixe",
        "kind.once": "Une fois",
        "kind.interval": "À intervalles",
        "span.on": "En marche",
        "span.value": "À un niveau",
        "action.on": "Mettre en marche",
        "action.off": "Arrêter",
        "action.toggle": "Inverser",
        "action.pulse": "Impulsion",
        "action.value": "Régler le niveau",
        "amount.pulse": "{amount} s",
        "amount.value": "{amount} %",
        "day.mon": "lun.",
        "day.tue": "mar.",
        "day.wed": "mer.",
        "day.thu": "jeu.",
        "day.fri": "ven.",
        "day.sat": "sam.",
        "day.sun": "dim.",
        "backup.take": "Faire une sauvegarde",
        "backup.what": (
            "Le fichier contient les utilisateurs, les jetons, les réglages, les programmations et ce que les"
            " canaux mémorisent. Les mots de passe y sont hachés : gardez ce fichier aussi bien qu'un mot de"
            " passe."
        ),
        "backup.download": "Télécharger le fichier",
        "backup.bring": "Restaurer",
        "backup.bring-text": (
            "Le fichier remplace tout ce qui est sur cet appareil, y compris les utilisateurs ; seul votre"
            " propre compte reste tel quel. Les utilisateurs dont le mot de passe change sont déconnectés. Un"
            " fichier peut avoir jusqu'à {most}."
        ),
        "backup.file": "Le fichier",
        "backup.missing": "un fichier",
        "backup.wrong": "Ce n'est pas une sauvegarde d'edgeweb : choisissez un autre fichier.",
        "backup.newer": (
            "Cette sauvegarde vient d'une autre version : mettez edgeweb à jour avant de la restaurer."
        ),
        "backup.damaged": "Cette sauvegarde a été modifiée ou est endommagée : choisissez un autre fichier.",
        "backup.restore": "Tout remplacer",
        "reset.gone": (
            "Disparaissent pour de bon : tous les utilisateurs, mots de passe, seconds facteurs, jetons et"
            " navigateurs connectés ; les réglages, les programmations, les canaux et capteurs ajoutés ici ;"
            " l'historique et le journal des changements ; les certificats créés par cet appareil."
        ),
        "reset.stays": (
            "Restent : le profil, le système et sa configuration réseau. Les sorties prennent l'état que le"
            " profil prévoit pour l'arrêt. Puis le programme redémarre, et la personne qui saisit le nouveau"
            " code de mise en service devient propriétaire de l'appareil."
        ),
        "reset.backup-first": (
            "Faites d'abord une sauvegarde, ci-dessus : rien d'autre ne permet de retrouver ces données."
        ),
        "reset.button": "Tout supprimer",
        "reset.done": (
            "Tout est en cours de suppression. Le programme redémarre en moins d'une minute s'il fonctionne"
            " comme service ; si vous l'avez lancé à la main, relancez-le. Il demande ensuite son nouveau"
            " code de mise en service."
        ),
        "reset.open": "Rouvrir l'appareil",
        "done.settings": "Les réglages sont enregistrés.",
        "done.settings-same": "Rien n'a changé.",
        "done.settings-back": "Le réglage a de nouveau la valeur du profil.",
        "done.settings-undo": "Le dernier changement est annulé.",
        "done.schedule-add": "La programmation est ajoutée.",
        "done.schedule-change": "La programmation est modifiée.",
        "done.schedule-on": "La programmation est active.",
        "done.schedule-off": "La programmation est suspendue.",
        "done.schedule-remove": "La programmation est supprimée.",
        "done.schedule-undo": "La programmation est rétablie.",
        "done.thing-add": "C'est ajouté, et en service.",
        "done.thing-change": "Les changements sont en vigueur.",
        "done.thing-remove": "C'est supprimé.",
        "done.restore": "La sauvegarde est restaurée.",
    }
    typeset = spaced()
    return {key: typeset(text) for key, text in plain.items()}


@on_demand
def reasons() -> dict[str, str]:
    """Return the texts of the device's reasons, by the English ones: {} is a value, {0} the first of them."""
    plain = {
        "nothing listens there: check mqtt.host and mqtt.port, and that the broker runs": (
            "rien n'écoute à cette adresse : vérifiez mqtt.host et mqtt.port, et que le serveur MQTT "
            "fonctionne"
        ),
        "the name {} is not known: check mqtt.host and the name server": (
            "le nom {0} est inconnu : vérifiez mqtt.host et le serveur de noms"
        ),
        "no answer: check mqtt.host, and the network and firewall between": (
            "pas de réponse : vérifiez mqtt.host, ainsi que le réseau et le pare-feu entre les deux"
        ),
        "user or password is wrong: check mqtt.user and mqtt.password_file": (
            "utilisateur ou mot de passe incorrect : vérifiez mqtt.user et mqtt.password_file"
        ),
        "this user may not connect: check mqtt.user, mqtt.password_file and the broker's own rules": (
            "cet utilisateur ne peut pas se connecter : vérifiez mqtt.user, mqtt.password_file et les règles"
            " du serveur MQTT"
        ),
        "another client connects with the same id: give this device an mqtt.id of its own": (
            "un autre client se connecte avec le même identifiant : donnez à cet appareil un mqtt.id qui lui"
            " est propre"
        ),
        "its certificate is of no authority that is known here: name the authority's file in mqtt.ca": (
            "son certificat ne vient d'aucune autorité connue ici : indiquez le fichier de l'autorité dans "
            "mqtt.ca"
        ),
        "its certificate is for another name: put a name of the certificate in place of {} in mqtt.host": (
            "son certificat est établi pour un autre nom : mettez un nom du certificat à la place de {0} "
            "dans mqtt.host"
        ),
        "its certificate is expired on {}: check the clock of this device, then renew the certificate": (
            "son certificat a expiré (date de cet appareil : {0}) : vérifiez l'horloge de cet appareil, puis"
            " renouvelez le certificat"
        ),
        (
            "its certificate is not valid yet on {}: check the clock of this device, then renew the "
            "certificate"
        ): (
            "son certificat n'est pas encore valable (date de cet appareil : {0}) : vérifiez l'horloge de "
            "cet appareil, puis renouvelez le certificat"
        ),
        (
            "this device's clock says {}, so no certificate can be checked: let the network set the clock "
            "(timedatectl set-ntp true), or set it by hand; the connection is then made on its own"
        ): (
            "l'horloge de cet appareil indique le {0}, aucun certificat ne peut donc être vérifié : laissez "
            "le réseau la régler (timedatectl set-ntp true) ou réglez-la à la main ; la connexion s'établit "
            "ensuite d'elle-même"
        ),
        "the connection was lost": ("la connexion a été perdue"),
        (
            "the broker has ended the connection: check that mqtt.tls is as there, and that each device has"
            " an mqtt.id of its own"
        ): (
            "le serveur MQTT a mis fin à la connexion : vérifiez que mqtt.tls y correspond et que "
            "chaque appareil a son propre mqtt.id"
        ),
        "it does not answer: check that the broker runs, and that this is its port": (
            "il ne répond pas : vérifiez que le serveur MQTT fonctionne et que ce port est le sien"
        ),
        "it shuts down": ("il s'arrête"),
        'Channel "{}" is offline: {}.': "Le canal « {0} » est hors ligne : {1}.",
        'Channel "{}" waits for its hardware: it goes off when that answers.': (
            "Le canal « {0} » attend son matériel : il s'arrêtera dès que celui-ci répondra."
        ),
        'Channel "{}" is busy: try again when it has finished.': (
            "Le canal « {0} » est occupé : réessayez quand il aura fini."
        ),
        'Channel "{}" is busy: it rests after a switch.': (
            "Le canal « {0} » est occupé : il fait une pause après une commutation."
        ),
        'Channel "{}" was on for its longest time: it goes off first, and on if you ask again.': (
            "Le canal « {0} » a atteint sa durée maximale en marche : il s'arrête d'abord ; demandez ensuite"
            " de nouveau."
        ),
        'Channel "{}" stays off: another output of its group may be on.': (
            "Le canal « {0} » reste à l'arrêt : une autre sortie de son groupe est peut-être en marche."
        ),
        'Channel "{}" has no value: it is on or off.': (
            "Le canal « {0} » n'a pas de niveau : il est en marche ou à l'arrêt."
        ),
        'Channel "{}" is an input: it can be read, not set.': (
            "Le canal « {0} » est une entrée : il se lit, il ne se commande pas."
        ),
        "Other channels wait for slow hardware: try again in a second.": (
            "D'autres canaux attendent un matériel lent : réessayez dans une seconde."
        ),
        '"{}" is on. Switch it off first.': "« {0} » est en marche. Arrêtez-le d'abord.",
        '"{}" may be on. Switch it off first.': "« {0} » est peut-être en marche. Arrêtez-le d'abord.",
        '"{}" is a button: it can be pulsed, not switched on.': (
            "« {0} » est un bouton : une impulsion est possible, mais pas la mise en marche."
        ),
        "its driver has not come back from earlier calls: check its hardware, then restart the server": (
            "son pilote n'est pas revenu d'appels précédents : vérifiez son matériel, puis redémarrez le"
            " serveur"
        ),
        "its driver did not answer within {} s: check the wiring and the supply of its hardware": (
            "son pilote n'a pas répondu en {0} s : vérifiez le câblage et l'alimentation de son matériel"
        ),
        "its driver did not answer": "son pilote n'a pas répondu",
        "unexpected {} in the driver: {} (please report it)": (
            "erreur {0} inattendue dans le pilote : {1} (merci de la signaler)"
        ),
        "{} was not found: set {} to the full path of a program": (
            "{0} est introuvable : mettez dans {1} le chemin complet d'un programme"
        ),
        "{} may not be started by the user edgeweb: give it the right to (chmod +x)": (
            "l'utilisateur edgeweb ne peut pas lancer {0} : donnez-lui ce droit (chmod +x)"
        ),
        '{} is no program: begin a script with a line such as "#!/bin/sh"': (
            "{0} n'est pas un programme : commencez un script par une ligne comme #!/bin/sh"
        ),
        "{} cannot be started ({}): start it by hand": (
            "{0} ne peut pas être lancé ({1}) : lancez-le à la main"
        ),
        "{} did not end within {} s: see what it waits for, or set a longer timeout": (
            "{0} ne s'est pas terminé en {1} s : cherchez ce qu'il attend, ou allongez timeout"
        ),
        (
            "{} ended with code {}, where 0 is on and 1 is off: start it by hand as the user edgeweb to see"
            " why"
        ): (
            "{0} s'est terminé avec le code {1}, alors que 0 veut dire marche et 1 arrêt : lancez-le à la"
            " main comme utilisateur edgeweb pour savoir pourquoi"
        ),
        "{} ended with code {}: start it by hand as the user edgeweb to see why": (
            "{0} s'est terminé avec le code {1} : lancez-le à la main comme utilisateur edgeweb pour savoir"
            " pourquoi"
        ),
        "{}: no thread can wait for its edges ({}): free memory, or end programs": (
            "{0} : aucun fil d'exécution ne peut surveiller ses changements ({1}) : libérez de la mémoire ou"
            " arrêtez des programmes"
        ),
        "this machine has no GPIO chip (/dev/gpiochip0): load the driver of its pins": (
            "cette machine n'a pas de puce GPIO (/dev/gpiochip0) : chargez le pilote de ses broches"
        ),
        (
            "{} is reserved on this board, or its chip cannot do what is asked: choose another line, or set"
            ' bias = "as-is"'
        ): (
            "{0} est réservée sur cette carte, ou sa puce ne sait pas faire ce qui est demandé : choisissez"
            ' une autre ligne, ou mettez bias = "as-is"'
        ),
        "{} cannot report edges, because its chip has no interrupts: add poll = 0.1 to the channel": (
            "{0} ne peut pas signaler de changements, car sa puce n'a pas d'interruptions : ajoutez poll ="
            " 0.1 au canal"
        ),
        '{} is an input and cannot be set: set mode = "output"': (
            '{0} est une entrée et ne se commande pas : mettez mode = "output"'
        ),
        'no line of {} has the name "{}": set {}': "aucune ligne de {0} ne porte le nom « {1} » : mettez {2}",
        'line to "{}"': 'line = "{0}"',
        "chip and line to the numbers of the pin": "dans chip et line les numéros de la broche",
        '{} is held by "{}" already: give each channel a line of its own, and run one server': (
            "{0} est déjà occupée par « {1} » : donnez à chaque canal sa propre ligne, et lancez un seul"
            " serveur"
        ),
        "{} is held by {}: choose another line, or end what holds it": (
            "{0} est occupée par {1} : choisissez une autre ligne, ou arrêtez ce qui l'occupe"
        ),
        "the kernel or another program": "le noyau ou un autre programme",
        'chip "{}" means {}: set chip to one of these names': (
            'chip = "{0}" désigne {1} : mettez dans chip un de ces noms'
        ),
        "{} has no line {}: set line to a number from 0 to {}": (
            "{0} n'a pas de ligne {1} : mettez dans line un nombre de 0 à {2}"
        ),
        'the name "{}" belongs to {}: set chip = "{}" and line = "{}", or another of them': (
            'le nom « {0} » appartient à {1} : mettez chip = "{2}" et line = "{3}", ou une autre de ces'
            " lignes"
        ),
        "pin {} of the header is {}: set pin to the position of a line": (
            "la broche {0} du connecteur est {1} : mettez dans pin la position d'une ligne"
        ),
        (
            "pin {} is only known on the header of a Raspberry Pi, and this machine has {}: set line and chip"
            " in place of pin"
        ): (
            "la broche {0} n'est connue que sur le connecteur d'un Raspberry Pi, et cette machine a {1} :"
            " mettez line et chip au lieu de pin"
        ),
        'there is no GPIO chip "{}": set chip to one of {}': (
            "il n'y a pas de puce GPIO « {0} » : mettez dans chip un de ces noms : {1}"
        ),
        "{} is gone: plug it in again, or load its driver": (
            "{0} a disparu : rebranchez-le, ou chargez son pilote"
        ),
        "{} is gone: plug its chip in again, or load the chip's driver": (
            "{0} a disparu : rebranchez sa puce, ou chargez le pilote de la puce"
        ),
        (
            "{} may not be written: install the udev rules 60-edgeweb-gpio.rules, add the user edgeweb to the"
            " group gpio (usermod -aG gpio edgeweb), and restart the machine"
        ): (
            "l'écriture de {0} n'est pas permise : installez les règles udev 60-edgeweb-gpio.rules, ajoutez"
            " l'utilisateur edgeweb au groupe gpio (usermod -aG gpio edgeweb), et redémarrez la machine"
        ),
        "{} is read-only for this service: add the drop-in leds-and-pwm.conf to its unit, and restart it": (
            "{0} est en lecture seule pour ce service : ajoutez le fichier leds-and-pwm.conf à son unité, et"
            " redémarrez-le"
        ),
        "{} does not answer: check the wiring and the supply of its chip": (
            "{0} ne répond pas : vérifiez le câblage et l'alimentation de sa puce"
        ),
        "{} failed ({}): the kernel's log may have the reason (dmesg)": (
            "{0} a échoué ({1}) : le journal du noyau en donne peut-être la raison (dmesg)"
        ),
        "{} has {} in place of a number: update the kernel, or report it to the maker of its driver": (
            "{0} contient {1} au lieu d'un nombre : mettez le noyau à jour, ou signalez-le à l'auteur du"
            " pilote"
        ),
        "{} is used by the kernel, as the flash of a camera: end the program that uses it": (
            "{0} sert au noyau, comme flash d'une caméra : arrêtez le programme qui l'utilise"
        ),
        '{} is moved by its own hardware: set at_start = "off" or "on", which stops that': (
            '{0} est animée par son propre matériel : mettez at_start = "off" ou "on", ce qui y met fin'
        ),
        'there is no LED "{}": set line to one of {}': (
            "il n'y a pas de LED « {0} » : mettez dans line un de ces noms : {1}"
        ),
        "this machine has no LEDs ({}): load the driver of the LED": (
            "cette machine n'a pas de LED ({0}) : chargez le pilote de la LED"
        ),
        'this is a rehearsal: remove fault = "{}" from its channel when it is over': (
            'c\'est une répétition : retirez fault = "{0}" du canal quand elle est finie'
        ),
        (
            "this machine has no PWM controller ({}): on a Raspberry Pi add dtoverlay=pwm-2chan to"
            " /boot/firmware/config.txt and restart it, elsewhere load the controller's driver"
        ): (
            "cette machine n'a pas de contrôleur PWM ({0}) : sur un Raspberry Pi, ajoutez dtoverlay=pwm-2chan"
            " à /boot/firmware/config.txt et redémarrez-le ; ailleurs, chargez le pilote du contrôleur"
        ),
        (
            "{} has lent this output to the kernel, for a fan or a backlight: choose another line, or remove"
            " the overlay that uses it"
        ): (
            "{0} a prêté cette sortie au noyau, pour un ventilateur ou un rétroéclairage : choisissez une"
            " autre ligne, ou retirez l'overlay qui l'utilise"
        ),
        "{} cannot have this frequency: set another frequency": (
            "{0} ne peut pas avoir cette fréquence : changez frequency"
        ),
        "{} cannot be changed while others of its controller are on: give them the same frequency": (
            "{0} ne peut pas changer tant que d'autres sorties de son contrôleur sont en marche : donnez-leur"
            " la même fréquence"
        ),
        'there is no PWM controller "{}": set chip to one of {}': (
            "il n'y a pas de contrôleur PWM « {0} » : mettez dans chip un de ces noms : {1}"
        ),
        '{} has no output "{}": set line to a number from 0 to {}': (
            "{0} n'a pas de sortie « {1} » : mettez dans line un nombre de 0 à {2}"
        ),
        "{} cannot be used with this kernel: update the system, pins need Linux 5.10 or newer": (
            "{0} est inutilisable avec ce noyau : mettez le système à jour, les broches demandent Linux 5.10"
            " ou plus récent"
        ),
        (
            "{} may not be opened: add the user edgeweb to the group gpio (usermod -aG gpio edgeweb) and"
            " restart the server"
        ): (
            "l'ouverture de {0} n'est pas permise : ajoutez l'utilisateur edgeweb au groupe gpio (usermod -aG"
            " gpio edgeweb) et redémarrez le serveur"
        ),
        "{} is closed to this service: its unit needs DeviceAllow=char-gpiochip rw": (
            "{0} est fermé à ce service : son unité a besoin de DeviceAllow=char-gpiochip rw"
        ),
        '{} is not a GPIO chip: set chip to the name of one, such as "gpiochip0"': (
            "{0} n'est pas une puce GPIO : mettez dans chip le nom d'une puce, comme gpiochip0"
        ),
        "the device behind {} is gone": "l'appareil derrière {0} a disparu",
        "the server may not read {}: give its user the right to": (
            "le serveur ne peut pas lire {0} : donnez-en le droit à son utilisateur"
        ),
        'no device is called "{}": there are {}': "aucun appareil ne s'appelle « {0} » ; il y a {1}",
        'no device is called "{}", and there is none': (
            "aucun appareil ne s'appelle « {0} », et il n'y en a pas d'autre"
        ),
        '{} devices are called "{}": name one of {}': (
            "{0} appareils s'appellent « {1} » : nommez l'un d'eux : {2}"
        ),
        "the chip reports a fault of {}: look at its wires": (
            "la puce signale un défaut de {0} : vérifiez ses fils"
        ),
        '{} has no channel "{}": there are {}': "{0} n'a pas de canal « {1} » ; il y a {2}",
        "{} is not on the bus: there are {}": "{0} n'est pas sur le bus ; il y a {1}",
        "{} is not on the bus, and there is no other": "{0} n'est pas sur le bus, et il n'y en a pas d'autre",
        "the checksum of the answer is wrong: look for long or loose wires": (
            "la somme de contrôle de la réponse est fausse : cherchez des fils trop longs ou mal fixés"
        ),
        "the bus answers zeros only: its data wire is shorted to ground": (
            "le bus ne répond que des zéros : son fil de données est relié à la masse"
        ),
        "the thermometer has not measured: it had no power, or too little": (
            "le thermomètre n'a pas mesuré : son alimentation manque ou est trop faible"
        ),
        "there is no 1-Wire bus: the device tree needs dtoverlay=w1-gpio": (
            "il n'y a pas de bus 1-Wire : le device tree a besoin de dtoverlay=w1-gpio"
        ),
        "This needs the role {}; {} has {}.": "Il faut pour cela le rôle {0} ; {1} a le rôle {2}.",
        "admin": "Administration",
        "operator": "Commande",
        "viewer": "Lecture",
        "One user has to be admin: make another user admin first.": (
            "Il faut un administrateur au moins : donnez d'abord ce rôle à un autre utilisateur."
        ),
        "There are {} users already: remove one first.": (
            "Il y a déjà {0} utilisateurs : supprimez-en un d'abord."
        ),
        "There are {} tokens already: revoke one first.": "Il y a déjà {0} jetons : révoquez-en un d'abord.",
        'There is a user named "{}" already.': (
            "Il y a déjà un utilisateur nommé « {0} » : choisissez un autre nom."
        ),
        'There is no user named "{}".': "Il n'y a pas d'utilisateur nommé « {0} ».",
        "This device knows this token already.": "Cet appareil connaît déjà ce jeton.",
        "This is no token of an edgeweb device: edgeweb_ and 43 characters.": (
            "Ce n'est pas un jeton d'un appareil edgeweb : edgeweb_ suivi de 43 caractères."
        ),
        "There is no token {}.": "Il n'y a pas de jeton {0}.",
        "The clock of this device is not set yet: make the token without an end.": (
            "L'horloge de cet appareil n'est pas encore réglée : créez le jeton sans date de fin."
        ),
        "There is no such session.": "Ce navigateur n'est plus connecté.",
        "Only an admin may set the password of another user.": (
            "Seul un administrateur peut changer le mot de passe d'un autre utilisateur."
        ),
        "Only an admin may take away the second factor of another user.": (
            "Seul un administrateur peut désactiver le second facteur d'un autre utilisateur."
        ),
        "Only an admin may see the second factor of another user.": (
            "Seul un administrateur peut voir le second facteur d'un autre utilisateur."
        ),
        "A second factor is set up by its own user.": "Chacun configure son propre second facteur.",
        "A token makes none with more scopes than its own.": (
            "Un jeton n'en crée pas qui permette plus que lui-même."
        ),
        "{} has no second factor.": "{0} n'a pas de second facteur.",
        "That took too long: sign in again.": "C'était trop long : connectez-vous de nouveau.",
        "This device has an owner already: sign in.": "Cet appareil a déjà un propriétaire : connectez-vous.",
        "The session's cookie comes twice: remove the cookies of this site.": (
            "Le cookie de session arrive deux fois : supprimez les cookies de ce site."
        ),
        "The form is not one of this session: load the page again.": (
            "Ce formulaire n'est pas de cette session : rechargez la page."
        ),
        "Another channel is tried: try again in a second.": (
            "Un autre canal est à l'essai : réessayez dans une seconde."
        ),
        "Nothing was reset: the folder of the state cannot be written ({}).": (
            "Rien n'a été réinitialisé : le dossier de l'état n'est pas accessible en écriture ({0})."
        ),
        "Install edgeweb by its Debian package: only that is updated here.": (
            "Installez edgeweb par son paquet Debian : lui seul est mis à jour ici."
        ),
        "This system has no apt, which would update edgeweb: bring a new image.": (
            "Ce système n'a pas apt, qui mettrait edgeweb à jour : installez une nouvelle image."
        ),
        "edgeweb-update.service is missing: install the Debian package of edgeweb again.": (
            "edgeweb-update.service manque : réinstallez le paquet Debian d'edgeweb."
        ),
        "This device takes newer versions only: install an older one by apt.": (
            "Cet appareil ne prend que des versions plus récentes : installez une version plus ancienne avec"
            " apt."
        ),
        "apt does not offer this version: look again which one it offers.": (
            "apt ne propose pas cette version : vérifiez de nouveau laquelle il propose."
        ),
        "apt offers no newer version: apt update may find one.": (
            "apt ne propose aucune version plus récente : apt update peut en trouver une."
        ),
        "The profile's system.power does not allow this.": "Le system.power du profil ne le permet pas.",
        "The profile's system.services does not name this service.": (
            "Le system.services du profil ne nomme pas ce service."
        ),
        "{} has not answered within {} s: ask again": "{0} n'a pas répondu en {1} s : réessayez",
        "{} was not called: {} programs have not answered yet": (
            "{0} n'a pas été appelé : {1} programmes n'ont pas encore répondu"
        ),
        "kept in memory, by storage.state of the profile": (
            "l'état est gardé en mémoire (storage.state du profil)"
        ),
        "the database is damaged and could not be replaced": (
            "la base de données est endommagée et n'a pas pu être remplacée"
        ),
        "{} (the disk is read-only)": "{0} (le disque est en lecture seule)",
        "{} (no right to write to the folder)": "{0} (pas le droit d'écrire dans le dossier)",
        "database or disk is full": "le disque est plein",
        "disk I/O error": "erreur de lecture ou d'écriture du disque",
        "unable to open database file": "la base de données ne s'ouvre pas",
        "attempt to write a readonly database": "la base de données est en lecture seule",
        "database is locked": "la base de données est verrouillée",
        "there is no {}": "{0} n'existe pas",
        "{} is gone": "{0} a disparu",
    }
    typeset = spaced()
    return {key: typeset(text) for key, text in plain.items()}


@on_demand
def spaced() -> Callable[[str], str]:
    """Return what makes the spaces of a text narrow that French has beside signs."""

    def typeset(text: str) -> str:
        for sign in ":;?!%»":
            text = text.replace(f" {sign}", f"\u202f{sign}")
        return text.replace("« ", "«\u202f")

    return typeset
