# Was Käuferinnen und Käufer lesen, auf Deutsch. en.ftl ist das Maß.

## Every mail

greeting = Hallo { $name },
greeting-unnamed = Guten Tag,
cart-title = Ihr Warenkorb bei { $shop }
item-unnamed = Artikel
item-quantity = Menge { $n }
item-each = je { $price }
item-regular-price = Regulärer Preis { $price }
items-more =
    { $n ->
        [one] und ein weiterer Artikel
       *[other] und { $n } weitere Artikel
    }
items-total = Summe der Artikel
restore-button = Zurück zum Warenkorb
restore-note = Bestellt ist erst, wenn Sie die Bestellung abschließen.
support = Fragen? Antworten Sie auf diese E-Mail oder schreiben Sie uns:
why-this-mail = Sie erhalten diese E-Mail, weil bei { $shop } mit dieser Adresse ein Warenkorb angelegt wurde.
unsubscribe-link = Erinnerungen an Warenkörbe abbestellen
preferences-link = Einstellungen, und warum Sie diese E-Mail erhalten

## Statements: each is shown with its proof alone

statement-savings = Sie sparen { $amount }
statement-deadline = Der Link in dieser E-Mail öffnet Ihren gespeicherten Warenkorb bis { $moment }. Danach funktioniert er nicht mehr.
statement-deadline-preview = Der Link zu Ihrem gespeicherten Warenkorb gilt bis { $moment }.
statement-stock =
    { $n ->
        [one] Nur noch ein Stück da ({ $moment })
       *[other] Nur noch { $n } Stück da ({ $moment })
    }
statement-sold-out = Ausverkauft ({ $moment })
statement-orders = In den letzten { $days } Tagen gingen hier mehr als { $n } Bestellungen ein.
statement-free-shipping-missing = Noch { $amount }, und der Versand ist kostenlos.
statement-free-shipping-reached = Für diesen Warenkorb ist der Versand kostenlos.
statement-offer = { $discount } Nachlass auf diesen Warenkorb mit diesem Code:
statement-offer-end = Der Code gilt bis { $moment }.

## Nudge

nudge-subject = Gab es ein Problem an der Kasse von { $shop }? Ihr Warenkorb ist gespeichert
nudge-title = Gab es ein Problem an der Kasse?
nudge-preview = Ihr Warenkorb ist gespeichert. Falls etwas schiefging, antworten Sie auf diese E-Mail: Wir helfen gern.
nudge-saved = Wir haben den Warenkorb gespeichert, den Sie bei { $shop } angelegt haben.
nudge-help =
    { $reason ->
        [payment] Offenbar ist eine Zahlung nicht durchgegangen. Das kommt vor und lässt sich leicht beheben: Versuchen Sie es noch einmal, wählen Sie eine andere Zahlungsart, oder antworten Sie auf diese E-Mail, und wir helfen.
        [costs] Falls die Versandkosten anders waren als erwartet, antworten Sie auf diese E-Mail, und wir sehen es uns gemeinsam an.
        [account] Sie können als Gast bestellen, ganz ohne Konto. Falls etwas anderes im Weg war, antworten Sie auf diese E-Mail, und wir helfen.
        [browsing] Falls Sie sich noch umsehen, brauchen Sie nichts zu tun. Ihr Warenkorb ist da, wenn Sie ihn wollen.
       *[other] Falls etwas dazwischenkam, etwa eine Zahlung, die nicht durchging, oder eine Frage zur Lieferung, antworten Sie auf diese E-Mail, und wir helfen.
    }
nudge-person =
    { $person ->
        [returning] Schön, dass Sie wieder da sind. Falls Sie unterbrochen wurden, machen Sie einfach da weiter, wo Sie waren.
        [high-value] Falls Sie vor der Entscheidung Rat möchten, antworten Sie auf diese E-Mail: Ein Mensch wird antworten.
       *[other] Falls Sie unterbrochen wurden, machen Sie einfach da weiter, wo Sie waren.
    }
reason-title = Was hat Sie abgehalten? Ein Tippen hilft uns, besser zu werden.
reason-label =
    { $reason ->
        [shipping-cost] Versandkosten
        [payment] Problem beim Bezahlen
        [deciding] Noch am Überlegen
        [elsewhere] Woanders gefunden
       *[looking] Wollte mich umsehen
    }

## Nudge, as a notification

push-text = Gab es ein Problem an der Kasse? Ihr Warenkorb ist gespeichert.

## Follow-up

follow-up-subject = Ihr Warenkorb bei { $shop } ist gespeichert
follow-up-title = Überlegen Sie noch?
follow-up-preview = Nehmen Sie sich die Zeit, die Sie brauchen. Das haben Sie ausgesucht.
follow-up-text = Nehmen Sie sich die Zeit, die Sie brauchen. Wir haben den Warenkorb aufgehoben, den Sie bei { $shop } angelegt haben. Das liegt darin.
follow-up-help =
    { $reason ->
        [payment] Ihre letzte Zahlung ging nicht durch. Sie können es noch einmal versuchen oder eine andere Zahlungsart wählen.
        [costs] So ist es bei uns mit Lieferung und Rückgabe, damit keine Kosten überraschen.
        [account] Sie können als Gast bestellen, ganz ohne Konto.
        [browsing] Falls es bei der Entscheidung hilft: So arbeiten wir.
       *[other] Falls noch eine Frage offen ist, antworten Sie auf diese E-Mail, und wir beantworten sie.
    }
facts-title = Gut zu wissen
fact-returns =
    { $days ->
        [one] Sie können Artikel innerhalb eines Tages zurücksenden.
       *[other] Sie können Artikel innerhalb von { $days } Tagen zurücksenden.
    }
fact-returns-free =
    { $days ->
        [one] Die Rückgabe ist einen Tag lang kostenlos.
       *[other] Die Rückgabe ist { $days } Tage lang kostenlos.
    }
fact-shipping-cost = Der Versand kostet { $cost }.
fact-shipping-free = Der Versand ist kostenlos.
fact-shipping-days =
    { $days ->
        [one] Die Lieferung dauert bis zu einem Werktag.
       *[other] Die Lieferung dauert bis zu { $days } Werktage.
    }
fact-payment = Sie können bezahlen mit { $methods }.
fact-guest = Sie können ohne Konto bestellen.
fact-support =
    { $hours ->
        [one] Wir beantworten Fragen innerhalb einer Stunde.
       *[other] Wir beantworten Fragen innerhalb von { $hours } Stunden.
    }
fact-reviews =
    { $n ->
        [one] Eine Bewertung gab uns { $rating } von 5 Sternen.
       *[other] { $n } Bewertungen geben uns { $rating } von 5 Sternen.
    }
list-separator = { ", " }

## Final

final-subject = Unsere letzte Erinnerung an Ihren Warenkorb bei { $shop }
final-title = Ein letztes Wort zu Ihrem Warenkorb
final-preview = Nach dieser E-Mail schreiben wir nicht mehr über diesen Warenkorb.
final-text = Das ist die letzte E-Mail, die wir zu dem Warenkorb senden, den Sie bei { $shop } angelegt haben.
final-calm = Falls Sie diese Artikel noch möchten, führt der Link unten zu ihnen zurück.
final-no-need = Falls Sie es sich anders überlegt haben, brauchen Sie nichts zu tun.

## Pages

page-questions = Fragen? Schreiben Sie uns:
page-visit = { $shop } besuchen
page-cart = Ihr Warenkorb
page-continue = Weiter zur Kasse
page-continue-note = Preise und Verfügbarkeit bestätigt der Shop an der Kasse. Vorher ist nichts bestellt.
page-changed = Einiges ist nicht mehr so, wie Sie es verlassen haben.
page-unchanged = Alles ist so, wie Sie es verlassen haben.
page-line-same = Preis unverändert
page-line-dearer = Sie sahen { $price }, es ist teurer geworden
page-line-cheaper = Sie sahen { $price }, es ist günstiger geworden
page-substitute = Ähnlich und vorrätig:
page-ordered-title = Sie haben schon bestellt
page-ordered-heading = Sie haben schon bestellt. Vielen Dank!
page-ordered-text = Aus diesem Warenkorb wurde bei { $shop } eine Bestellung. Hier ist nichts mehr zu tun.
page-unsubscribe-title = Erinnerungen von { $shop } beenden
page-unsubscribe-heading = Erinnerungen von { $shop } beenden?
page-unsubscribe-text = Sie erhalten keine E-Mails mehr zu Warenkörben bei { $shop }. E-Mails zu Ihren Bestellungen sind davon nicht betroffen.
page-unsubscribe-button = Abbestellen
page-unsubscribed-title = Sie sind abgemeldet
page-unsubscribed-text = { $shop } sendet keine Erinnerungen an Warenkörbe mehr an Ihre Adresse. Eine, die schon unterwegs war, kann noch ankommen.
page-gone-title = Dieser Link funktioniert nicht mehr
page-gone-text = Links zu gespeicherten Warenkörben enden nach einer Weile, und ein Link, der nicht vollständig kopiert wurde, öffnet nichts.
page-gone-help = Zu Ihrem Warenkorb kommen Sie über die Website des Shops. Wenn Sie Hilfe brauchen, antworten Sie auf die E-Mail, die Sie hierher brachte.
page-reason-title = Was hat Sie abgehalten?
page-reason-text = Ihre Antwort geht ohne Ihren Namen an { $shop }. Ist es das?
page-reason-send = Ja: { $reason }
page-reason-other = Oder war es etwas anderes?
page-thanks-title = Vielen Dank!
page-thanks-text = { $shop } hat Ihre Antwort und verbessert damit die Kasse.
page-back-to-cart = Zurück zum Warenkorb
page-preferences-title = Ihre E-Mail-Einstellungen bei { $shop }
page-preferences-heading = Ihre E-Mail-Einstellungen
page-preferences-active = Sie erhalten eine E-Mail, wenn Sie bei { $shop } einen Warenkorb zurücklassen, ohne zu bestellen.
page-preferences-paused = Die Erinnerungen an Warenkörbe ruhen bis { $moment }.
page-preferences-stopped = { $shop } sendet Ihnen keine Erinnerungen an Warenkörbe mehr. E-Mails zu Ihren Bestellungen sind davon nicht betroffen.
page-preferences-pause = Erinnerungen 30 Tage ruhen lassen
page-preferences-resume = Wieder Erinnerungen senden
page-preferences-stop = Keine Erinnerungen an Warenkörbe mehr
page-preferences-stop-all = Ausschließlich E-Mails zu Bestellungen
page-preferences-language = Sprache
page-preferences-done =
    { $wish ->
        [stop-reminders] Erledigt: keine Erinnerungen an Warenkörbe mehr. Eine, die schon unterwegs war, kann noch ankommen.
        [stop-all-mail] Erledigt: keine Erinnerungen an Warenkörbe mehr, und der Shop erfährt, dass er ausschließlich E-Mails zu Bestellungen senden soll.
        [pause] Erledigt: 30 Tage lang keine Erinnerungen an Warenkörbe.
        [resume] Erledigt: Sie erhalten wieder Erinnerungen an Warenkörbe.
       *[speak] Erledigt: Ihre Sprache ist vermerkt.
    }
page-why-title = Warum habe ich diese E-Mail erhalten?
page-why-cart = Bei { $shop } blieb ein Warenkorb mit Ihrer Adresse zurück, und es war keine Bestellung gefolgt.
page-why-decided =
    { $stage ->
        [nudge] Die E-Mail war die erste Erinnerung, entschieden am { $moment }.
        [follow_up] Die E-Mail war die zweite Erinnerung, entschieden am { $moment }.
       *[final] Die E-Mail war die letzte Erinnerung, entschieden am { $moment }.
    }
page-why-cap =
    { $n ->
        [one] Höchstens eine solche E-Mail wird in einer Woche gesendet.
       *[other] Höchstens { $n } solche E-Mails werden in einer Woche gesendet.
    }
page-why-agreed = Erinnerungen an diese Adresse wurde zugestimmt am { $moment }.
page-why-ordered = Der Shop bekam die Adresse mit einer Bestellung, und Erinnerungen wurden nicht abgelehnt.
page-why-open = Der Shop schreibt allen, die einen Warenkorb zurücklassen und Erinnerungen nicht abgelehnt haben.
page-why-offer = Sie enthält einen Nachlass, den der Shop mit dieser Erinnerung gibt.
page-why-record = Eintrag { $digest }. Der Shop kann mehr dazu sagen.
page-why-gone = Der Eintrag zu dieser E-Mail wird nicht mehr aufbewahrt.
