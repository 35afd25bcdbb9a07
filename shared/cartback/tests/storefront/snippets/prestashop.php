<?php
// Stands in for PrestaShop, as far as the module calls it: prints each message as a line of JSON.
const _COOKIE_KEY_ = 'cookie key';
const CURLOPT_POST = 1, CURLOPT_POSTFIELDS = 2, CURLOPT_HTTPHEADER = 3, CURLOPT_RETURNTRANSFER = 4, CURLOPT_TIMEOUT_MS = 5;
const CURLINFO_RESPONSE_CODE = 6;

class Shop
{
    public static array $hooks = [];
    public static array $log = [];
    public static ?Customer $customer = null;
    public static int $status = 202;
}

class Cookie
{
    public $cartback_consent = '';
}

class Link
{
    public function getPageLink($page, $ssl, $lang, array $query)
    {
        return "https://shop.example/$page?" . http_build_query($query);
    }
}

class Context
{
    public $cart;
    public $cookie;
    public $link;

    public function __construct()
    {
        $this->cookie = new Cookie();
        $this->link = new Link();
    }

    public function getComputingPrecision()
    {
        return 2;
    }
}

class Module
{
    public $name, $version, $author, $tab, $displayName, $description, $context;

    public function __construct()
    {
        $this->context = new Context();
    }

    public function install()
    {
        return true;
    }

    public function registerHook($hook)
    {
        Shop::$hooks[] = $hook;
        return method_exists($this, 'hook' . ucfirst($hook));
    }
}

class Validate
{
    public static function isLoadedObject($object)
    {
        return is_object($object) && $object->id > 0;
    }

    public static function isEmail($text)
    {
        return filter_var($text, FILTER_VALIDATE_EMAIL) !== false;
    }
}

class Currency
{
    public $iso_code = 'EUR';

    public function __construct(public $id)
    {
    }
}

class Customer
{
    public $email = '', $firstname = '', $newsletter = false, $newsletter_date_add = '0000-00-00 00:00:00';

    public function __construct($id)
    {
        foreach ($id ? get_object_vars(Shop::$customer) : [] as $field => $value) {
            $this->$field = $value;
        }
    }
}

class Cart
{
    const BOTH_WITHOUT_SHIPPING = 4;
    public $id = 7, $id_currency = 1, $id_customer = 0, $is_ordered = false, $lines = [];

    public function orderExists()
    {
        return $this->is_ordered;
    }

    public function getProducts()
    {
        return $this->lines;
    }

    public function getOrderTotal($taxes, $what)
    {
        return array_sum(array_map(fn ($line) => $line['price_wt'] * $line['cart_quantity'], $this->lines));
    }
}

class Configuration
{
    public static function get($name)
    {
        return ['CARTBACK_URL' => 'https://links.shop.example/events/demo', 'CARTBACK_SECRET' => SECRET][$name];
    }
}

class PrestaShopLogger
{
    public static function addLog($text, $level)
    {
        Shop::$log[] = $text;
    }
}

function curl_init($url)
{
    return (object) ['url' => $url, 'options' => []];
}

function curl_setopt_array($request, array $options)
{
    $request->options = $options;
}

function curl_exec($request)
{
    $headers = [];
    foreach ($request->options[CURLOPT_HTTPHEADER] as $line) {
        [$name, $value] = explode(': ', $line, 2);
        $headers[$name] = $value;
    }
    echo json_encode(['headers' => $headers, 'body' => $request->options[CURLOPT_POSTFIELDS]]), "\n";
    return Shop::$status === 0 ? false : '';
}

function curl_getinfo($request, $what)
{
    return Shop::$status;
}
