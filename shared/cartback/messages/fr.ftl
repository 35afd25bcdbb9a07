# Ce que lisent les acheteurs, en français. en.ftl fait référence.

## Every mail

greeting = Bonjour { $name },
greeting-unnamed = Bonjour,
cart-title = Votre panier chez { $shop }
item-unnamed = Article
item-quantity = Qté { $n }
item-each = { $price } l’unité
item-regular-price = Prix habituel { $price }
items-more =
    { $n ->
        [one] et un autre article
       *[other] et { $n } autres articles
    }
items-total = Total des articles
restore-button = Revenir à votre panier
restore-note = Rien n’est commandé tant que vous n’avez pas validé.
support = Une question ? Répondez à cet e-mail ou écrivez-nous :
why-this-mail = Vous recevez cet e-mail car un panier a été commencé chez { $shop } avec cette adresse.
unsubscribe-link = Ne plus recevoir de rappels de panier
preferences-link = Préférences, et pourquoi vous recevez cet e-mail

## Statements: each is shown with its proof alone

statement-savings = Vous économisez { $amount }
statement-deadline = Le lien de cet e-mail ouvre votre panier enregistré jusqu’au { $moment }. Ensuite, il ne fonctionne plus.
statement-deadline-preview = Le lien vers votre panier enregistré est valable jusqu’au { $moment }.
statement-stock =
    { $n ->
        [one] Plus qu’un seul en stock ({ $moment })
       *[other] Plus que { $n } en stock ({ $moment })
    }
statement-sold-out = Épuisé ({ $moment })
statement-orders = Plus de { $n } commandes ont été passées ici ces { $days } derniers jours.
statement-free-shipping-missing = Encore { $amount } et la livraison est gratuite.
statement-free-shipping-reached = La livraison est gratuite pour ce panier.
statement-offer = { $discount } de réduction sur ce panier avec ce code :
statement-offer-end = Le code est valable jusqu’au { $moment }.

## Nudge

nudge-subject = Un souci au moment de commander chez { $shop } ? Votre panier est enregistré
nudge-title = Un souci au moment de commander ?
nudge-preview = Votre panier est enregistré. En cas de problème, répondez à cet e-mail et nous vous aiderons.
nudge-saved = Nous avons enregistré le panier que vous avez commencé chez { $shop }.
nudge-help =
    { $reason ->
        [payment] Il semble qu’un paiement n’ait pas abouti. Cela arrive et se règle facilement : réessayez, choisissez un autre moyen de paiement ou répondez à cet e-mail et nous vous aiderons.
        [costs] Si les frais de livraison n’étaient pas ceux que vous attendiez, répondez à cet e-mail et nous regarderons cela ensemble.
        [account] Vous pouvez commander en tant qu’invité, sans compte. Si autre chose vous a gêné, répondez à cet e-mail et nous vous aiderons.
        [browsing] Si vous regardez encore, vous n’avez rien à faire. Votre panier est là quand vous le voulez.
       *[other] Si quelque chose vous a gêné, comme un paiement qui n’a pas abouti ou une question sur la livraison, répondez à cet e-mail et nous vous aiderons.
    }
nudge-person =
    { $person ->
        [returning] C’est un plaisir de vous revoir. Si vous avez simplement été interrompu, reprenez là où vous en étiez.
        [high-value] Si vous souhaitez un conseil avant de vous décider, répondez à cet e-mail : une personne vous répondra.
       *[other] Si vous avez simplement été interrompu, reprenez là où vous en étiez.
    }
reason-title = Qu’est-ce qui vous a retenu ? Un clic nous aide à nous améliorer.
reason-label =
    { $reason ->
        [shipping-cost] Frais de livraison
        [payment] Problème de paiement
        [deciding] J’hésite encore
        [elsewhere] Trouvé ailleurs
       *[looking] Je regardais
    }

## Nudge, as a notification

push-text = Un souci au moment du paiement ? Votre panier est enregistré.

## Follow-up

follow-up-subject = Votre panier chez { $shop } est enregistré
follow-up-title = Vous y réfléchissez encore ?
follow-up-preview = Prenez le temps qu’il vous faut. Voici ce que vous avez choisi.
follow-up-text = Prenez le temps qu’il vous faut. Nous avons gardé le panier que vous avez commencé chez { $shop } ; voici ce qu’il contient.
follow-up-help =
    { $reason ->
        [payment] Votre dernier paiement n’a pas abouti. Vous pouvez réessayer ou choisir un autre moyen de paiement.
        [costs] Voici nos conditions de livraison et de retour, pour qu’aucun frais ne vous surprenne.
        [account] Vous pouvez commander en tant qu’invité, sans compte.
        [browsing] Si cela vous aide à choisir, voici comment nous travaillons.
       *[other] S’il vous reste une question, répondez à cet e-mail et nous y répondrons.
    }
facts-title = Bon à savoir
fact-returns =
    { $days ->
        [one] Vous pouvez renvoyer les articles sous un jour.
       *[other] Vous pouvez renvoyer les articles sous { $days } jours.
    }
fact-returns-free =
    { $days ->
        [one] Les retours sont gratuits pendant un jour.
       *[other] Les retours sont gratuits pendant { $days } jours.
    }
fact-shipping-cost = La livraison coûte { $cost }.
fact-shipping-free = La livraison est gratuite.
fact-shipping-days =
    { $days ->
        [one] La livraison prend au plus un jour ouvré.
       *[other] La livraison prend au plus { $days } jours ouvrés.
    }
fact-payment = Vous pouvez payer avec { $methods }.
fact-guest = Vous pouvez commander sans compte.
fact-support =
    { $hours ->
        [one] Nous répondons aux questions en une heure.
       *[other] Nous répondons aux questions en { $hours } heures.
    }
fact-reviews =
    { $n ->
        [one] Un client nous a donné { $rating } étoiles sur 5.
       *[other] { $n } clients nous ont donné { $rating } étoiles sur 5.
    }
list-separator = { ", " }

## Final

final-subject = Notre dernier rappel pour votre panier chez { $shop }
final-title = Un dernier mot au sujet de votre panier
final-preview = Après cet e-mail, nous n’écrirons plus au sujet de ce panier.
final-text = Ceci est le dernier e-mail que nous envoyons au sujet du panier que vous avez commencé chez { $shop }.
final-calm = Si vous souhaitez toujours ces articles, le lien ci-dessous vous y ramène.
final-no-need = Si vous avez changé d’avis, vous n’avez rien à faire.

## Pages

page-questions = Une question ? Écrivez-nous :
page-visit = Visiter { $shop }
page-cart = Votre panier
page-continue = Continuer vers le paiement
page-continue-note = La boutique confirme les prix et la disponibilité au moment du paiement. Rien n’est commandé avant.
page-changed = Certaines choses ne sont plus comme vous les avez laissées.
page-unchanged = Tout est comme vous l’avez laissé.
page-line-same = Prix inchangé
page-line-dearer = Vous aviez vu { $price }, le prix a augmenté
page-line-cheaper = Vous aviez vu { $price }, le prix a baissé
page-substitute = Semblable et disponible :
page-ordered-title = Vous avez déjà commandé
page-ordered-heading = Vous avez déjà commandé. Merci !
page-ordered-text = Ce panier est devenu une commande chez { $shop } ; il n’y a plus rien à faire ici.
page-unsubscribe-title = Arrêter les rappels de { $shop }
page-unsubscribe-heading = Arrêter les rappels de { $shop } ?
page-unsubscribe-text = Vous ne recevrez plus d’e-mails au sujet de paniers chez { $shop }. Les e-mails concernant vos commandes ne changent pas.
page-unsubscribe-button = Se désabonner
page-unsubscribed-title = Vous êtes désabonné
page-unsubscribed-text = { $shop } n’enverra plus de rappels de panier à votre adresse. Un rappel déjà parti peut encore arriver.
page-gone-title = Ce lien ne fonctionne plus
page-gone-text = Les liens vers un panier enregistré prennent fin après un certain temps, et un lien mal copié n’ouvre rien.
page-gone-help = Pour retrouver votre panier, allez sur le site de la boutique. Pour de l’aide, répondez à l’e-mail qui vous a amené ici.
page-reason-title = Qu’est-ce qui vous a retenu ?
page-reason-text = Votre réponse est transmise à { $shop } sans votre nom. Est-ce bien cela ?
page-reason-send = Oui : { $reason }
page-reason-other = Ou était-ce autre chose ?
page-thanks-title = Merci !
page-thanks-text = { $shop } a reçu votre réponse et s’en servira pour améliorer la commande.
page-back-to-cart = Revenir à votre panier
page-preferences-title = Vos préférences d’e-mail chez { $shop }
page-preferences-heading = Vos préférences d’e-mail
page-preferences-active = Vous recevez un e-mail lorsque vous laissez un panier chez { $shop } sans commander.
page-preferences-paused = Les rappels de panier sont en pause jusqu’au { $moment }.
page-preferences-stopped = { $shop } ne vous envoie plus de rappels de panier. Les e-mails concernant vos commandes ne changent pas.
page-preferences-pause = Suspendre les rappels pendant 30 jours
page-preferences-resume = Recevoir de nouveau les rappels
page-preferences-stop = Ne plus recevoir de rappels de panier
page-preferences-stop-all = Ne plus recevoir que les e-mails sur les commandes
page-preferences-language = Langue
page-preferences-done =
    { $wish ->
        [stop-reminders] C’est fait : plus de rappels de panier. Un rappel déjà parti peut encore arriver.
        [stop-all-mail] C’est fait : plus de rappels de panier, et la boutique est priée de n’envoyer que des e-mails sur les commandes.
        [pause] C’est fait : pas de rappels de panier pendant 30 jours.
        [resume] C’est fait : vous recevez de nouveau les rappels de panier.
       *[speak] C’est fait : votre langue est notée.
    }
page-why-title = Pourquoi ai-je reçu cet e-mail ?
page-why-cart = Un panier a été laissé chez { $shop } avec votre adresse, et aucune commande n’avait suivi.
page-why-decided =
    { $stage ->
        [nudge] L’e-mail était le premier rappel, décidé le { $moment }.
        [follow_up] L’e-mail était le deuxième rappel, décidé le { $moment }.
       *[final] L’e-mail était le dernier rappel, décidé le { $moment }.
    }
page-why-cap =
    { $n ->
        [one] Un seul e-mail de ce type au plus est envoyé par semaine.
       *[other] Au plus { $n } e-mails de ce type sont envoyés par semaine.
    }
page-why-agreed = Les rappels à cette adresse ont été acceptés le { $moment }.
page-why-ordered = L’adresse a été donnée à la boutique lors d’une commande, et les rappels n’ont pas été refusés.
page-why-open = La boutique écrit aux personnes qui laissent un panier et n’ont pas refusé les rappels.
page-why-offer = Il contient une remise que la boutique accorde avec ce rappel.
page-why-record = Dossier { $digest }. La boutique peut en dire plus.
page-why-gone = Le dossier de cet e-mail n’est plus conservé.
