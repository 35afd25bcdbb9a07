# お客様が読む文章（日本語）。en.ftl が基準です。

## Every mail

greeting = { $name } 様
greeting-unnamed = お客様
cart-title = { $shop } のカート
item-unnamed = 商品
item-quantity = 数量 { $n }
item-each = 単価 { $price }
item-regular-price = 通常価格 { $price }
items-more =
    { $n ->
       *[other] 他 { $n } 点
    }
items-total = 商品合計
restore-button = カートに戻る
restore-note = ご購入手続きが完了するまで、注文は確定しません。
support = ご質問は、このメールへの返信、または次の宛先までお寄せください：
why-this-mail = このメールは、{ $shop } でこのメールアドレスを使ってカートが作成されたためお送りしています。
unsubscribe-link = カートのお知らせを停止する
preferences-link = 配信設定と、このメールが届いた理由

## Statements: each is shown with its proof alone

statement-savings = { $amount } お得です
statement-deadline = このメールのリンクから、保存したカートを { $moment } まで開けます。その後リンクは無効になります。
statement-deadline-preview = 保存したカートへのリンクは { $moment } まで有効です。
statement-stock =
    { $n ->
       *[other] 残り { $n } 点（{ $moment }）
    }
statement-sold-out = 在庫切れ（{ $moment }）
statement-orders = 過去 { $days } 日間に { $n } 件を超えるご注文をいただきました。
statement-free-shipping-missing = あと { $amount } で送料無料になります。
statement-free-shipping-reached = このカートは送料無料です。
statement-offer = 次のコードで、このカートが { $discount } 割引になります：
statement-offer-end = コードの有効期限：{ $moment }

## Nudge

nudge-subject = { $shop } でのご購入手続きでお困りですか
nudge-title = ご購入手続きでお困りですか
nudge-preview = カートは保存してあります。問題があった場合は、このメールにご返信ください。お手伝いいたします。
nudge-saved = { $shop } でお作りになったカートを保存しました。
nudge-help =
    { $reason ->
        [payment] お支払いが完了しなかったようです。もう一度お試しになるか、別のお支払い方法をお選びください。このメールにご返信いただければお手伝いいたします。
        [costs] 送料がご予想と違った場合は、このメールにご返信ください。一緒に確認いたします。
        [account] アカウントを作らず、ゲストとしてご注文いただけます。ほかにお困りのことがあれば、このメールにご返信ください。
        [browsing] まだご覧になっている途中でしたら、何もしていただく必要はありません。カートはそのまま置いてあります。
       *[other] お支払いが完了しない、配送についてご質問があるなど、お困りのことがあれば、このメールにご返信ください。お手伝いいたします。
    }
nudge-person =
    { $person ->
        [returning] またお越しいただきありがとうございます。途中で中断された場合は、続きからどうぞ。
        [high-value] お決めになる前にご相談があれば、このメールにご返信ください。担当者がお答えします。
       *[other] 途中で中断された場合は、続きからどうぞ。
    }
reason-title = どのような理由で中断されましたか。一度のタップで改善に役立ちます。
reason-label =
    { $reason ->
        [shipping-cost] 送料
        [payment] お支払いの問題
        [deciding] まだ検討中
        [elsewhere] 他の店で見つけた
       *[looking] 見ていただけ
    }

## Nudge, as a notification

push-text = ご購入手続きでお困りでしたか。カートは保存されています。

## Follow-up

follow-up-subject = { $shop } のカートを保存してあります
follow-up-title = まだご検討中ですか
follow-up-preview = どうぞごゆっくりお考えください。お選びいただいた商品はこちらです。
follow-up-text = どうぞごゆっくりお考えください。{ $shop } でお作りになったカートを保存してあります。中身はこちらです。
follow-up-help =
    { $reason ->
        [payment] 前回のお支払いは完了しませんでした。もう一度お試しになるか、別のお支払い方法をお選びいただけます。
        [costs] 思わぬ費用がかからないよう、配送と返品についてご案内します。
        [account] アカウントを作らず、ゲストとしてご注文いただけます。
        [browsing] ご検討の参考に、当店についてご案内します。
       *[other] ご質問がありましたら、このメールにご返信ください。お答えいたします。
    }
facts-title = ご案内
fact-returns =
    { $days ->
       *[other] 商品は { $days } 日以内に返品できます。
    }
fact-returns-free =
    { $days ->
       *[other] { $days } 日以内の返品は無料です。
    }
fact-shipping-cost = 送料は { $cost } です。
fact-shipping-free = 送料は無料です。
fact-shipping-days =
    { $days ->
       *[other] お届けまで最長 { $days } 営業日です。
    }
fact-payment = ご利用いただけるお支払い方法：{ $methods }
fact-guest = アカウントなしでご注文いただけます。
fact-support =
    { $hours ->
       *[other] ご質問には { $hours } 時間以内にお答えします。
    }
fact-reviews =
    { $n ->
       *[other] { $n } 件のレビューで、5 点中 { $rating } 点の評価をいただいています。
    }
list-separator = 、

## Final

final-subject = { $shop } のカートについて最後のお知らせ
final-title = カートについて最後のお知らせです
final-preview = このメールの後、このカートについてお知らせすることはありません。
final-text = { $shop } でお作りになったカートについてお送りする最後のメールです。
final-calm = 引き続きご希望でしたら、下のリンクからカートにお戻りいただけます。
final-no-need = お気持ちが変わった場合は、何もしていただく必要はありません。

## Pages

page-questions = ご質問はこちらまで：
page-visit = { $shop } を見る
page-cart = カート
page-continue = ご購入手続きへ進む
page-continue-note = 価格と在庫はご購入手続きの際に店が確認します。それまで注文は確定しません。
page-changed = 前回から変わったところがあります。
page-unchanged = 前回から変わったところはありません。
page-line-same = 価格は変わっていません
page-line-dearer = 前回は { $price }、値上がりしました
page-line-cheaper = 前回は { $price }、値下がりしました
page-substitute = 在庫のある似た商品：
page-ordered-title = ご注文済みです
page-ordered-heading = ご注文済みです。ありがとうございます。
page-ordered-text = このカートは { $shop } でのご注文になりました。ここでの操作は必要ありません。
page-unsubscribe-title = { $shop } からのカートのお知らせを停止
page-unsubscribe-heading = { $shop } からのカートのお知らせを停止しますか
page-unsubscribe-text = { $shop } のカートについてのメールは届かなくなります。ご注文についてのメールは変わりません。
page-unsubscribe-button = 停止する
page-unsubscribed-title = 停止しました
page-unsubscribed-text = { $shop } からカートのお知らせは届かなくなります。すでに送信されたものは届くことがあります。
page-gone-title = このリンクは使えません
page-gone-text = 保存したカートへのリンクには期限があります。また、途中で切れたリンクは開けません。
page-gone-help = カートには店のサイトからお戻りください。お困りの場合は、元のメールにご返信ください。
page-reason-title = どのような理由で中断されましたか
page-reason-text = ご回答はお名前なしで { $shop } に届きます。こちらでよろしいですか。
page-reason-send = はい：{ $reason }
page-reason-other = 別の理由でしたか
page-thanks-title = ありがとうございます
page-thanks-text = { $shop } がご回答を受け取りました。ご購入手続きの改善に役立てます。
page-back-to-cart = カートに戻る
page-preferences-title = { $shop } のメール配信設定
page-preferences-heading = メール配信設定
page-preferences-active = { $shop } で注文せずにカートを離れると、メールをお送りします。
page-preferences-paused = カートのお知らせは { $moment } まで休止しています。
page-preferences-stopped = { $shop } からカートのお知らせは届きません。ご注文についてのメールは変わりません。
page-preferences-pause = お知らせを30日間休止する
page-preferences-resume = お知らせを再開する
page-preferences-stop = カートのお知らせを停止する
page-preferences-stop-all = ご注文以外のメールをすべて停止する
page-preferences-language = 言語
page-preferences-done =
    { $wish ->
        [stop-reminders] 完了：カートのお知らせは届かなくなります。すでに送信されたものは届くことがあります。
        [stop-all-mail] 完了：カートのお知らせは届かなくなります。ご注文以外のメールを送らないよう店にも伝えます。
        [pause] 完了：カートのお知らせを30日間休止します。
        [resume] 完了：カートのお知らせを再開します。
       *[speak] 完了：言語を設定しました。
    }
page-why-title = なぜこのメールが届いたのですか
page-why-cart = お客様のアドレスで { $shop } にカートが残され、ご注文がありませんでした。
page-why-decided =
    { $stage ->
        [nudge] このメールは1回目のお知らせです。決定日時：{ $moment }
        [follow_up] このメールは2回目のお知らせです。決定日時：{ $moment }
       *[final] このメールは最後のお知らせです。決定日時：{ $moment }
    }
page-why-cap =
    { $n ->
       *[other] このようなメールは、1週間に多くても { $n } 通です。
    }
page-why-agreed = このアドレスへのお知らせに同意された日時：{ $moment }
page-why-ordered = アドレスはご注文の際に店に伝えられ、お知らせは拒否されていません。
page-why-open = 店は、カートを離れ、お知らせを拒否されていない方にメールをお送りしています。
page-why-offer = このお知らせには、店からの割引が含まれています。
page-why-record = 記録 { $digest }。詳しくは店にお問い合わせください。
page-why-gone = このメールの記録はすでに保管されていません。
