# What shoppers read, in English. The other files have the same messages, with the same variables and cases.
# docs/mails.md tells what each variable is. The build fails when a file has a message too few or too many.

## Every mail

greeting = Hi { $name },
greeting-unnamed = Hello,
cart-title = Your cart at { $shop }
item-unnamed = Item
item-quantity = Qty { $n }
item-each = { $price } each
item-regular-price = Regular price { $price }
items-more =
    { $n ->
        [one] and one more item
       *[other] and { $n } more items
    }
items-total = Items total
restore-button = Return to your cart
restore-note = Nothing is ordered until you check out.
support = Questions? Reply to this email or write to us:
why-this-mail = You get this email because a cart was started at { $shop } with this email address.
unsubscribe-link = Unsubscribe from cart reminders
preferences-link = Preferences, and why you got this email

## Statements: each is shown with its proof alone

statement-savings = You save { $amount }
statement-deadline = The link in this email opens your saved cart until { $moment }. After that, it stops working.
statement-deadline-preview = The link to your saved cart works until { $moment }.
statement-stock =
    { $n ->
        [one] Only one left ({ $moment })
       *[other] Only { $n } left ({ $moment })
    }
statement-sold-out = Sold out ({ $moment })
statement-orders = More than { $n } orders were placed here in the last { $days } days.
statement-free-shipping-missing = Add { $amount } more and shipping is free.
statement-free-shipping-reached = Shipping is free for this cart.
statement-offer = { $discount } off this cart with this code:
statement-offer-end = The code works until { $moment }.

## Nudge

nudge-subject = Did you have trouble checking out at { $shop }? Your cart is saved
nudge-title = Did you have trouble checking out?
nudge-preview = Your cart is saved. If something went wrong, reply to this email and we will help.
nudge-saved = We saved the cart you started at { $shop }.
nudge-help =
    { $reason ->
        [payment] It looks as if a payment did not go through. That happens, and it is easy to put right: try again, choose another way to pay, or reply to this email and we will help.
        [costs] If the cost of delivery was not what you expected, reply to this email and we will look at it together.
        [account] You can order as a guest, without an account. If anything else got in the way, reply to this email and we will help.
        [browsing] If you are still looking around, there is no need to do anything. Your cart is here when you want it.
       *[other] If something got in the way, like a payment that did not go through or a question about delivery, reply to this email and we will help you sort it out.
    }
nudge-person =
    { $person ->
        [returning] It is good to have you back. If you were simply interrupted, pick up where you left off.
        [high-value] If you would like advice before you decide, reply to this email: a person will answer.
       *[other] If you were simply interrupted, pick up where you left off.
    }
reason-title = What stopped you? One tap helps us to do better.
reason-label =
    { $reason ->
        [shipping-cost] Shipping cost
        [payment] Trouble paying
        [deciding] Still deciding
        [elsewhere] Found it elsewhere
       *[looking] Just looking
    }

## Nudge, as a notification

push-text = Did you have trouble checking out? Your cart is saved.

## Follow-up

follow-up-subject = Your cart at { $shop } is saved
follow-up-title = Still thinking it over?
follow-up-preview = Take the time you need. Here is what you picked.
follow-up-text = Take the time you need. We kept the cart you started at { $shop }, and this is what is in it.
follow-up-help =
    { $reason ->
        [payment] Your last payment did not go through. You can try again or choose another way to pay.
        [costs] Here is what delivery and returns mean with us, so that no cost comes as a surprise.
        [account] You can order as a guest, without an account.
        [browsing] If it helps you to decide, here is how we work.
       *[other] If a question is open, reply to this email and we will answer it.
    }
facts-title = Good to know
fact-returns =
    { $days ->
        [one] You can send items back within one day.
       *[other] You can send items back within { $days } days.
    }
fact-returns-free =
    { $days ->
        [one] Returns are free for one day.
       *[other] Returns are free for { $days } days.
    }
fact-shipping-cost = Shipping costs { $cost }.
fact-shipping-free = Shipping is free.
fact-shipping-days =
    { $days ->
        [one] Delivery takes up to one working day.
       *[other] Delivery takes up to { $days } working days.
    }
fact-payment = You can pay with { $methods }.
fact-guest = You can order without an account.
fact-support =
    { $hours ->
        [one] We answer questions within one hour.
       *[other] We answer questions within { $hours } hours.
    }
fact-reviews =
    { $n ->
        [one] One shopper gave us { $rating } out of 5 stars.
       *[other] { $n } shoppers gave us { $rating } out of 5 stars.
    }
list-separator = { ", " }

## Final

final-subject = Our last reminder about your cart at { $shop }
final-title = One last note about your cart
final-preview = After this email, we will not write about this cart again.
final-text = This is the last email we will send about the cart you started at { $shop }.
final-calm = If you would still like these items, the link below takes you back to them.
final-no-need = If you have changed your mind, there is nothing you need to do.

## Pages

page-questions = Questions? Write to us:
page-visit = Visit { $shop }
page-cart = Your cart
page-continue = Continue to checkout
page-continue-note = The shop confirms prices and availability at checkout. Nothing is ordered before that.
page-changed = Some things are no longer as you left them.
page-unchanged = Everything is as you left it.
page-line-same = Price as you left it
page-line-dearer = You saw { $price }, it has become dearer
page-line-cheaper = You saw { $price }, it has become cheaper
page-substitute = Similar, and there:
page-ordered-title = You already ordered
page-ordered-heading = You already ordered. Thank you!
page-ordered-text = This cart has become an order at { $shop }, so there is nothing left to do here.
page-unsubscribe-title = Stop cart reminders from { $shop }
page-unsubscribe-heading = Stop cart reminders from { $shop }?
page-unsubscribe-text = You will get no more emails about carts at { $shop }. Emails about orders you place are not affected.
page-unsubscribe-button = Unsubscribe
page-unsubscribed-title = You are unsubscribed
page-unsubscribed-text = { $shop } will send no more cart reminders to your email address. One that was already on its way may still arrive.
page-gone-title = This link no longer works
page-gone-text = Links to saved carts end after a while, and a link that was not copied completely does not open.
page-gone-help = To get back to your cart, go to the shop's website. If you need help, reply to the email that brought you here.
page-reason-title = What stopped you?
page-reason-text = Your answer goes to { $shop }, without your name. Is this it?
page-reason-send = Yes: { $reason }
page-reason-other = Or was it something else?
page-thanks-title = Thank you!
page-thanks-text = { $shop } has your answer and will use it to make the checkout better.
page-back-to-cart = Back to your cart
page-preferences-title = Your email preferences at { $shop }
page-preferences-heading = Your email preferences
page-preferences-active = You get an email when you leave a cart at { $shop } without ordering.
page-preferences-paused = Cart reminders rest until { $moment }.
page-preferences-stopped = { $shop } sends you no more cart reminders. Emails about orders you place are not affected.
page-preferences-pause = Pause reminders for 30 days
page-preferences-resume = Send reminders again
page-preferences-stop = Stop cart reminders
page-preferences-stop-all = Stop all emails but those about orders
page-preferences-language = Language
page-preferences-done =
    { $wish ->
        [stop-reminders] Done: no more cart reminders. One that was already on its way may still arrive.
        [stop-all-mail] Done: no more cart reminders, and the shop is told to send nothing else but emails about orders.
        [pause] Done: no cart reminders for 30 days.
        [resume] Done: you get cart reminders again.
       *[speak] Done: your language is noted.
    }
page-why-title = Why did I get this email?
page-why-cart = A cart was left at { $shop } with your address, and no order had followed.
page-why-decided =
    { $stage ->
        [nudge] The email was the first reminder, decided on { $moment }.
        [follow_up] The email was the second reminder, decided on { $moment }.
       *[final] The email was the last reminder, decided on { $moment }.
    }
page-why-cap =
    { $n ->
        [one] At most one such email is sent in a week.
       *[other] At most { $n } such emails are sent in a week.
    }
page-why-agreed = Reminders to this address were agreed to on { $moment }.
page-why-ordered = The address was given to the shop in an order, and reminders were not declined.
page-why-open = The shop writes to people who leave a cart and have not declined reminders.
page-why-offer = It carries an offer that the shop gives with this reminder.
page-why-record = Record { $digest }. The shop can say more about it.
page-why-gone = The record of this email is no longer kept.
