# ما يقرؤه المتسوقون بالعربية. المرجع هو en.ftl.

## Every mail

greeting = مرحبًا { $name }،
greeting-unnamed = مرحبًا،
cart-title = سلتك لدى { $shop }
item-unnamed = منتج
item-quantity = الكمية { $n }
item-each = سعر القطعة { $price }
item-regular-price = السعر المعتاد { $price }
items-more =
    { $n ->
        [zero] ولا منتجات أخرى
        [one] ومنتج آخر
        [two] ومنتجان آخران
        [few] و{ $n } منتجات أخرى
        [many] و{ $n } منتجًا آخر
       *[other] و{ $n } منتج آخر
    }
items-total = مجموع المنتجات
restore-button = العودة إلى سلتك
restore-note = لا يُطلب أي شيء قبل أن تُتم الشراء.
support = لديك سؤال؟ رُدّ على هذه الرسالة أو اكتب إلينا:
why-this-mail = تصلك هذه الرسالة لأن سلة أُنشئت لدى { $shop } بهذا العنوان البريدي.
unsubscribe-link = إيقاف رسائل التذكير بالسلة
preferences-link = التفضيلات، وسبب وصول هذه الرسالة إليك

## Statements: each is shown with its proof alone

statement-savings = توفّر { $amount }
statement-deadline = الرابط في هذه الرسالة يفتح سلتك المحفوظة حتى { $moment }. بعد ذلك يتوقف عن العمل.
statement-deadline-preview = الرابط إلى سلتك المحفوظة يعمل حتى { $moment }.
statement-stock =
    { $n ->
        [zero] لم يتبق شيء ({ $moment })
        [one] لم تتبق إلا قطعة واحدة ({ $moment })
        [two] لم تتبق إلا قطعتان ({ $moment })
        [few] لم تتبق إلا { $n } قطع ({ $moment })
        [many] لم تتبق إلا { $n } قطعة ({ $moment })
       *[other] لم تتبق إلا { $n } قطعة ({ $moment })
    }
statement-sold-out = نفدت الكمية ({ $moment })
statement-orders = تلقينا هنا أكثر من { $n } طلب في آخر { $days } أيام.
statement-free-shipping-missing = أضف { $amount } ليصبح الشحن مجانيًا.
statement-free-shipping-reached = الشحن مجاني لهذه السلة.
statement-offer = خصم { $discount } على هذه السلة بهذا الرمز:
statement-offer-end = يعمل الرمز حتى { $moment }.

## Nudge

nudge-subject = هل واجهت مشكلة في إتمام الشراء لدى { $shop }؟ سلتك محفوظة
nudge-title = هل واجهت مشكلة في إتمام الشراء؟
nudge-preview = سلتك محفوظة. إذا حدث خطأ ما، فرُدّ على هذه الرسالة وسنساعدك.
nudge-saved = حفظنا السلة التي بدأتها لدى { $shop }.
nudge-help =
    { $reason ->
        [payment] يبدو أن عملية دفع لم تكتمل. هذا يحدث وحلّه سهل: حاول مرة أخرى، أو اختر طريقة دفع أخرى، أو رُدّ على هذه الرسالة وسنساعدك.
        [costs] إذا لم تكن تكلفة التوصيل كما توقعت، فرُدّ على هذه الرسالة وسننظر في الأمر معًا.
        [account] يمكنك الطلب كضيف دون حساب. وإذا أعاقك شيء آخر، فرُدّ على هذه الرسالة وسنساعدك.
        [browsing] إذا كنت لا تزال تتصفح، فلا حاجة إلى فعل أي شيء. سلتك هنا متى أردتها.
       *[other] إذا أعاقك شيء، مثل دفعة لم تكتمل أو سؤال عن التوصيل، فرُدّ على هذه الرسالة وسنساعدك.
    }
nudge-person =
    { $person ->
        [returning] يسعدنا أن نراك مجددًا. إذا قاطعك شيء، فتابع من حيث توقفت.
        [high-value] إذا أردت نصيحة قبل أن تقرر، فرُدّ على هذه الرسالة وسيجيبك شخص من فريقنا.
       *[other] إذا قاطعك شيء، فتابع من حيث توقفت.
    }
reason-title = ما الذي أوقفك؟ نقرة واحدة تساعدنا على التحسن.
reason-label =
    { $reason ->
        [shipping-cost] تكلفة الشحن
        [payment] مشكلة في الدفع
        [deciding] ما زلت أفكر
        [elsewhere] وجدته في مكان آخر
       *[looking] كنت أتصفح فقط
    }

## Nudge, as a notification

push-text = هل واجهت مشكلة عند الدفع؟ سلتك محفوظة.

## Follow-up

follow-up-subject = سلتك لدى { $shop } محفوظة
follow-up-title = هل ما زلت تفكر؟
follow-up-preview = خذ ما تحتاج إليه من الوقت. هذا ما اخترته.
follow-up-text = خذ ما تحتاج إليه من الوقت. احتفظنا بالسلة التي بدأتها لدى { $shop }، وهذا ما فيها.
follow-up-help =
    { $reason ->
        [payment] لم تكتمل دفعتك الأخيرة. يمكنك المحاولة مرة أخرى أو اختيار طريقة دفع أخرى.
        [costs] هذه شروط التوصيل والإرجاع لدينا، كي لا تفاجئك أي تكلفة.
        [account] يمكنك الطلب كضيف دون حساب.
        [browsing] إذا كان ذلك يساعدك على القرار، فهكذا نعمل.
       *[other] إذا بقي لديك سؤال، فرُدّ على هذه الرسالة وسنجيب عنه.
    }
facts-title = من المفيد أن تعرف
fact-returns =
    { $days ->
        [zero] لا يمكن إرجاع المنتجات.
        [one] يمكنك إرجاع المنتجات خلال يوم واحد.
        [two] يمكنك إرجاع المنتجات خلال يومين.
        [few] يمكنك إرجاع المنتجات خلال { $days } أيام.
        [many] يمكنك إرجاع المنتجات خلال { $days } يومًا.
       *[other] يمكنك إرجاع المنتجات خلال { $days } يوم.
    }
fact-returns-free =
    { $days ->
        [zero] الإرجاع ليس مجانيًا.
        [one] الإرجاع مجاني خلال يوم واحد.
        [two] الإرجاع مجاني خلال يومين.
        [few] الإرجاع مجاني خلال { $days } أيام.
        [many] الإرجاع مجاني خلال { $days } يومًا.
       *[other] الإرجاع مجاني خلال { $days } يوم.
    }
fact-shipping-cost = تكلفة الشحن { $cost }.
fact-shipping-free = الشحن مجاني.
fact-shipping-days =
    { $days ->
        [zero] يتم التوصيل في يوم الطلب نفسه.
        [one] يستغرق التوصيل يوم عمل واحدًا كحد أقصى.
        [two] يستغرق التوصيل يومي عمل كحد أقصى.
        [few] يستغرق التوصيل { $days } أيام عمل كحد أقصى.
        [many] يستغرق التوصيل { $days } يوم عمل كحد أقصى.
       *[other] يستغرق التوصيل { $days } يوم عمل كحد أقصى.
    }
fact-payment = يمكنك الدفع عبر { $methods }.
fact-guest = يمكنك الطلب دون حساب.
fact-support =
    { $hours ->
        [zero] نجيب عن الأسئلة في الحال.
        [one] نجيب عن الأسئلة خلال ساعة واحدة.
        [two] نجيب عن الأسئلة خلال ساعتين.
        [few] نجيب عن الأسئلة خلال { $hours } ساعات.
        [many] نجيب عن الأسئلة خلال { $hours } ساعة.
       *[other] نجيب عن الأسئلة خلال { $hours } ساعة.
    }
fact-reviews =
    { $n ->
        [zero] لا توجد تقييمات ({ $rating }).
        [one] منحنا متسوق واحد { $rating } من 5 نجوم.
        [two] منحنا متسوقان { $rating } من 5 نجوم.
        [few] منحنا { $n } متسوقين { $rating } من 5 نجوم.
        [many] منحنا { $n } متسوقًا { $rating } من 5 نجوم.
       *[other] منحنا { $n } متسوق { $rating } من 5 نجوم.
    }
list-separator = { "، " }

## Final

final-subject = تذكيرنا الأخير بسلتك لدى { $shop }
final-title = كلمة أخيرة عن سلتك
final-preview = بعد هذه الرسالة لن نكتب إليك عن هذه السلة مرة أخرى.
final-text = هذه آخر رسالة نرسلها عن السلة التي بدأتها لدى { $shop }.
final-calm = إذا كنت لا تزال تريد هذه المنتجات، فالرابط أدناه يعيدك إليها.
final-no-need = إذا غيّرت رأيك، فلا حاجة إلى فعل أي شيء.

## Pages

page-questions = لديك سؤال؟ اكتب إلينا:
page-visit = زيارة { $shop }
page-cart = سلتك
page-continue = المتابعة إلى الدفع
page-continue-note = يؤكد المتجر الأسعار والتوفر عند الدفع. ولا يُطلب أي شيء قبل ذلك.
page-changed = بعض الأشياء لم تعد كما تركتها.
page-unchanged = كل شيء كما تركته.
page-line-same = السعر كما تركته
page-line-dearer = رأيت { $price }، وقد ارتفع السعر
page-line-cheaper = رأيت { $price }، وقد انخفض السعر
page-substitute = مشابه ومتوفر:
page-ordered-title = لقد طلبت بالفعل
page-ordered-heading = لقد طلبت بالفعل. شكرًا لك!
page-ordered-text = أصبحت هذه السلة طلبًا لدى { $shop }، فلا شيء يلزم فعله هنا.
page-unsubscribe-title = إيقاف التذكيرات من { $shop }
page-unsubscribe-heading = هل تريد إيقاف التذكيرات من { $shop }؟
page-unsubscribe-text = لن تصلك رسائل أخرى عن السلال لدى { $shop }. ولا تتأثر الرسائل المتعلقة بطلباتك.
page-unsubscribe-button = إلغاء الاشتراك
page-unsubscribed-title = تم إلغاء اشتراكك
page-unsubscribed-text = لن يرسل { $shop } تذكيرات أخرى بالسلة إلى عنوانك البريدي. وقد تصلك رسالة كانت في طريقها إليك.
page-gone-title = هذا الرابط لم يعد يعمل
page-gone-text = تنتهي روابط السلال المحفوظة بعد فترة، والرابط الذي لم يُنسخ كاملًا لا يُفتح.
page-gone-help = للعودة إلى سلتك، انتقل إلى موقع المتجر. وإذا احتجت إلى مساعدة، فرُدّ على الرسالة التي أوصلتك إلى هنا.
page-reason-title = ما الذي أوقفك؟
page-reason-text = تصل إجابتك إلى { $shop } دون اسمك. هل هذا هو السبب؟
page-reason-send = نعم: { $reason }
page-reason-other = أم كان شيئًا آخر؟
page-thanks-title = شكرًا لك!
page-thanks-text = وصلت إجابتك إلى { $shop } وستُستخدم لتحسين عملية الشراء.
page-back-to-cart = العودة إلى سلتك
page-preferences-title = تفضيلات بريدك لدى { $shop }
page-preferences-heading = تفضيلات بريدك
page-preferences-active = تصلك رسالة عندما تترك سلة لدى { $shop } دون أن تطلب.
page-preferences-paused = تذكيرات السلة متوقفة حتى { $moment }.
page-preferences-stopped = لن يرسل { $shop } إليك تذكيرات أخرى بالسلة. ولا تتأثر الرسائل المتعلقة بطلباتك.
page-preferences-pause = إيقاف التذكيرات لمدة 30 يومًا
page-preferences-resume = استئناف التذكيرات
page-preferences-stop = إيقاف تذكيرات السلة
page-preferences-stop-all = إيقاف كل الرسائل ما عدا المتعلقة بالطلبات
page-preferences-language = اللغة
page-preferences-done =
    { $wish ->
        [stop-reminders] تم: لن تصلك تذكيرات أخرى بالسلة. وقد تصلك رسالة كانت في طريقها إليك.
        [stop-all-mail] تم: لن تصلك تذكيرات أخرى بالسلة، وسيُبلَّغ المتجر بألا يرسل سوى الرسائل المتعلقة بالطلبات.
        [pause] تم: لا تذكيرات بالسلة لمدة 30 يومًا.
        [resume] تم: ستصلك تذكيرات السلة من جديد.
       *[speak] تم: سُجلت لغتك.
    }
page-why-title = لماذا وصلتني هذه الرسالة؟
page-why-cart = تُركت سلة لدى { $shop } بعنوانك، ولم يتبعها طلب.
page-why-decided =
    { $stage ->
        [nudge] كانت الرسالة التذكير الأول، وتقرر إرسالها في { $moment }.
        [follow_up] كانت الرسالة التذكير الثاني، وتقرر إرسالها في { $moment }.
       *[final] كانت الرسالة التذكير الأخير، وتقرر إرسالها في { $moment }.
    }
page-why-cap =
    { $n ->
        [zero] لا تُرسل رسائل كهذه في الأسبوع.
        [one] تُرسل رسالة واحدة كهذه في الأسبوع على الأكثر.
        [two] تُرسل رسالتان كهذه في الأسبوع على الأكثر.
        [few] تُرسل { $n } رسائل كهذه في الأسبوع على الأكثر.
        [many] تُرسل { $n } رسالة كهذه في الأسبوع على الأكثر.
       *[other] تُرسل { $n } رسالة كهذه في الأسبوع على الأكثر.
    }
page-why-agreed = تمت الموافقة على التذكيرات إلى هذا العنوان في { $moment }.
page-why-ordered = أُعطي العنوان للمتجر في طلب، ولم تُرفض التذكيرات.
page-why-open = يكتب المتجر إلى من يتركون سلة ولم يرفضوا التذكيرات.
page-why-offer = تحمل عرضًا يقدمه المتجر مع هذا التذكير.
page-why-record = السجل { $digest }. يمكن للمتجر أن يقول المزيد عنه.
page-why-gone = لم يعد سجل هذه الرسالة محفوظًا.
