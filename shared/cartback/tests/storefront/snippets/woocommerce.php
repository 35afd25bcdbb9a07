<?php
// Stands in for WordPress with WooCommerce, as far as the plugin calls them: prints each message as a line of JSON.
const ABSPATH = '/';
const CARTBACK_URL = 'https://links.shop.example/webhooks/woocommerce/demo';
const CARTBACK_SECRET = 'secret of the webhook';

class Shop
{
    public static array $actions = [];
    public static array $fields = [];
    public static int $ids = 0;
    public static bool $fails = false;
    public static bool $empty = false;
}

class Session
{
    private array $values = [];

    public function get($name)
    {
        return $this->values[$name] ?? null;
    }

    public function set($name, $value)
    {
        $this->values[$name] = $value;
    }
}

class Basket
{
    public function is_empty()
    {
        return Shop::$empty;
    }
}

class Order
{
    public array $meta = [];

    public function update_meta_data($key, $value)
    {
        $this->meta[] = ['key' => $key, 'value' => $value];
    }
}

class WP_REST_Request
{
    public function __construct(public $method, public $path)
    {
    }
}

class Answer
{
    public function is_error()
    {
        return Shop::$fails;
    }
}

class Server
{
    public function response_to_data($answer, $embed)
    {
        return Shop::$empty ? ['items' => []] : json_decode(STORE_CART);
    }
}

function add_action($hook, $function, $priority = 10)
{
    Shop::$actions[$hook][] = $function;
}

function do_action($hook, ...$arguments)
{
    foreach (Shop::$actions[$hook] ?? throw new Exception("nobody listens to $hook") as $function) {
        $function(...$arguments);
    }
}

function WC()
{
    static $shop = null;
    return $shop ??= (object) ['session' => new Session(), 'cart' => new Basket()];
}

function wp_generate_uuid4()
{
    return sprintf('00000000-0000-4000-8000-%012d', ++Shop::$ids);
}

function rest_do_request($request)
{
    if ("$request->method $request->path" !== 'GET /wc/store/v1/cart') {
        throw new Exception('the cart lies elsewhere');
    }
    return new Answer();
}

function rest_get_server()
{
    return new Server();
}

function wc_get_checkout_url()
{
    return 'https://shop.example/checkout/';
}

function home_url($path)
{
    return "https://shop.example$path";
}

function wp_json_encode($value)
{
    return json_encode($value);
}

function wp_remote_post($url, array $request)
{
    echo json_encode(['headers' => $request['headers'], 'body' => $request['body']]), "\n";
}

function woocommerce_register_additional_checkout_field($field)
{
    Shop::$fields[] = $field['id'];
}

function woocommerce_form_field($name, $field)
{
    Shop::$fields[] = $name;
}
