# Lo que leen los compradores, en español. en.ftl es la medida.

## Every mail

greeting = Hola, { $name }:
greeting-unnamed = Hola:
cart-title = Su carrito en { $shop }
item-unnamed = Artículo
item-quantity = Cant. { $n }
item-each = { $price } cada uno
item-regular-price = Precio habitual { $price }
items-more =
    { $n ->
        [one] y un artículo más
       *[other] y { $n } artículos más
    }
items-total = Total de los artículos
restore-button = Volver a su carrito
restore-note = No se pide nada hasta que usted confirme la compra.
support = ¿Alguna pregunta? Responda a este correo o escríbanos:
why-this-mail = Recibe este correo porque se inició un carrito en { $shop } con esta dirección.
unsubscribe-link = No recibir más recordatorios de carritos
preferences-link = Preferencias, y por qué recibe este correo

## Statements: each is shown with its proof alone

statement-savings = Usted ahorra { $amount }
statement-deadline = El enlace de este correo abre su carrito guardado hasta el { $moment }. Después deja de funcionar.
statement-deadline-preview = El enlace a su carrito guardado funciona hasta el { $moment }.
statement-stock =
    { $n ->
        [one] Solo queda uno ({ $moment })
       *[other] Solo quedan { $n } ({ $moment })
    }
statement-sold-out = Agotado ({ $moment })
statement-orders = En los últimos { $days } días se hicieron aquí más de { $n } pedidos.
statement-free-shipping-missing = Añada { $amount } más y el envío es gratis.
statement-free-shipping-reached = El envío de este carrito es gratis.
statement-offer = { $discount } de descuento en este carrito con este código:
statement-offer-end = El código es válido hasta el { $moment }.

## Nudge

nudge-subject = ¿Tuvo algún problema al comprar en { $shop }? Su carrito está guardado
nudge-title = ¿Tuvo algún problema al comprar?
nudge-preview = Su carrito está guardado. Si algo falló, responda a este correo y le ayudaremos.
nudge-saved = Hemos guardado el carrito que empezó en { $shop }.
nudge-help =
    { $reason ->
        [payment] Parece que un pago no se completó. Es algo que pasa y tiene fácil arreglo: inténtelo de nuevo, elija otra forma de pago o responda a este correo y le ayudaremos.
        [costs] Si los gastos de envío no eran los que esperaba, responda a este correo y lo veremos juntos.
        [account] Puede comprar como invitado, sin cuenta. Si otra cosa se lo impidió, responda a este correo y le ayudaremos.
        [browsing] Si todavía está mirando, no tiene que hacer nada. Su carrito está aquí cuando lo quiera.
       *[other] Si algo se lo impidió, como un pago que no se completó o una duda sobre la entrega, responda a este correo y le ayudaremos.
    }
nudge-person =
    { $person ->
        [returning] Nos alegra verle de nuevo. Si le interrumpieron, continúe donde lo dejó.
        [high-value] Si desea consejo antes de decidir, responda a este correo: le contestará una persona.
       *[other] Si le interrumpieron, continúe donde lo dejó.
    }
reason-title = ¿Qué le detuvo? Un toque nos ayuda a mejorar.
reason-label =
    { $reason ->
        [shipping-cost] Gastos de envío
        [payment] Problema al pagar
        [deciding] Aún lo estoy pensando
        [elsewhere] Lo encontré en otro sitio
       *[looking] Estaba mirando
    }

## Nudge, as a notification

push-text = ¿Tuvo problemas al pagar? Su carrito está guardado.

## Follow-up

follow-up-subject = Su carrito en { $shop } está guardado
follow-up-title = ¿Todavía lo está pensando?
follow-up-preview = Tómese el tiempo que necesite. Esto es lo que eligió.
follow-up-text = Tómese el tiempo que necesite. Hemos guardado el carrito que empezó en { $shop } y esto es lo que contiene.
follow-up-help =
    { $reason ->
        [payment] Su último pago no se completó. Puede intentarlo de nuevo o elegir otra forma de pago.
        [costs] Así son nuestros envíos y devoluciones, para que ningún gasto le sorprenda.
        [account] Puede comprar como invitado, sin cuenta.
        [browsing] Si le ayuda a decidir, así trabajamos.
       *[other] Si le queda alguna pregunta, responda a este correo y la contestaremos.
    }
facts-title = Conviene saber
fact-returns =
    { $days ->
        [one] Puede devolver los artículos en un día.
       *[other] Puede devolver los artículos en { $days } días.
    }
fact-returns-free =
    { $days ->
        [one] Las devoluciones son gratis durante un día.
       *[other] Las devoluciones son gratis durante { $days } días.
    }
fact-shipping-cost = El envío cuesta { $cost }.
fact-shipping-free = El envío es gratis.
fact-shipping-days =
    { $days ->
        [one] La entrega tarda como máximo un día laborable.
       *[other] La entrega tarda como máximo { $days } días laborables.
    }
fact-payment = Puede pagar con { $methods }.
fact-guest = Puede comprar sin cuenta.
fact-support =
    { $hours ->
        [one] Respondemos a las preguntas en una hora.
       *[other] Respondemos a las preguntas en { $hours } horas.
    }
fact-reviews =
    { $n ->
        [one] Un comprador nos dio { $rating } de 5 estrellas.
       *[other] { $n } compradores nos dieron { $rating } de 5 estrellas.
    }
list-separator = { ", " }

## Final

final-subject = Nuestro último recordatorio sobre su carrito en { $shop }
final-title = Unas últimas palabras sobre su carrito
final-preview = Después de este correo no volveremos a escribirle sobre este carrito.
final-text = Este es el último correo que enviamos sobre el carrito que empezó en { $shop }.
final-calm = Si todavía quiere estos artículos, el enlace de abajo le lleva de vuelta a ellos.
final-no-need = Si ha cambiado de idea, no tiene que hacer nada.

## Pages

page-questions = ¿Alguna pregunta? Escríbanos:
page-visit = Visitar { $shop }
page-cart = Su carrito
page-continue = Continuar con la compra
page-continue-note = La tienda confirma precios y disponibilidad al pagar. Antes no se pide nada.
page-changed = Algunas cosas ya no están como las dejó.
page-unchanged = Todo está como lo dejó.
page-line-same = Precio sin cambios
page-line-dearer = Usted vio { $price }; el precio ha subido
page-line-cheaper = Usted vio { $price }; el precio ha bajado
page-substitute = Parecido y disponible:
page-ordered-title = Ya hizo el pedido
page-ordered-heading = Ya hizo el pedido. ¡Gracias!
page-ordered-text = Este carrito se convirtió en un pedido en { $shop }, así que aquí no queda nada por hacer.
page-unsubscribe-title = Dejar de recibir recordatorios de { $shop }
page-unsubscribe-heading = ¿Dejar de recibir recordatorios de { $shop }?
page-unsubscribe-text = No recibirá más correos sobre carritos en { $shop }. Los correos sobre sus pedidos no cambian.
page-unsubscribe-button = Darme de baja
page-unsubscribed-title = Se ha dado de baja
page-unsubscribed-text = { $shop } no enviará más recordatorios de carritos a su dirección. Uno que ya estuviera en camino todavía puede llegar.
page-gone-title = Este enlace ya no funciona
page-gone-text = Los enlaces a carritos guardados terminan después de un tiempo, y un enlace que no se copió completo no abre nada.
page-gone-help = Para volver a su carrito, vaya al sitio web de la tienda. Si necesita ayuda, responda al correo que le trajo aquí.
page-reason-title = ¿Qué le detuvo?
page-reason-text = Su respuesta llega a { $shop } sin su nombre. ¿Es esto?
page-reason-send = Sí: { $reason }
page-reason-other = ¿O fue otra cosa?
page-thanks-title = ¡Gracias!
page-thanks-text = { $shop } tiene su respuesta y la usará para mejorar la compra.
page-back-to-cart = Volver a su carrito
page-preferences-title = Sus preferencias de correo en { $shop }
page-preferences-heading = Sus preferencias de correo
page-preferences-active = Recibe un correo cuando deja un carrito en { $shop } sin hacer el pedido.
page-preferences-paused = Los recordatorios de carritos están en pausa hasta el { $moment }.
page-preferences-stopped = { $shop } ya no le envía recordatorios de carritos. Los correos sobre sus pedidos no cambian.
page-preferences-pause = Pausar los recordatorios durante 30 días
page-preferences-resume = Recibir de nuevo los recordatorios
page-preferences-stop = No recibir más recordatorios de carritos
page-preferences-stop-all = Recibir únicamente los correos sobre pedidos
page-preferences-language = Idioma
page-preferences-done =
    { $wish ->
        [stop-reminders] Hecho: no habrá más recordatorios de carritos. Uno que ya estuviera en camino todavía puede llegar.
        [stop-all-mail] Hecho: no habrá más recordatorios de carritos, y se avisa a la tienda de que envíe únicamente correos sobre pedidos.
        [pause] Hecho: sin recordatorios de carritos durante 30 días.
        [resume] Hecho: vuelve a recibir recordatorios de carritos.
       *[speak] Hecho: su idioma queda anotado.
    }
page-why-title = ¿Por qué recibí este correo?
page-why-cart = Se dejó un carrito en { $shop } con su dirección, y no había seguido ningún pedido.
page-why-decided =
    { $stage ->
        [nudge] El correo fue el primer recordatorio, decidido el { $moment }.
        [follow_up] El correo fue el segundo recordatorio, decidido el { $moment }.
       *[final] El correo fue el último recordatorio, decidido el { $moment }.
    }
page-why-cap =
    { $n ->
        [one] Se envía como máximo un correo de este tipo por semana.
       *[other] Se envían como máximo { $n } correos de este tipo por semana.
    }
page-why-agreed = Los recordatorios a esta dirección se aceptaron el { $moment }.
page-why-ordered = La dirección se dio a la tienda en un pedido, y no se rechazaron los recordatorios.
page-why-open = La tienda escribe a quienes dejan un carrito y no han rechazado los recordatorios.
page-why-offer = Lleva una rebaja que la tienda da con este recordatorio.
page-why-record = Registro { $digest }. La tienda puede decir más al respecto.
page-why-gone = El registro de este correo ya no se conserva.
