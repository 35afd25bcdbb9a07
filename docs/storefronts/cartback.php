<?php
/**
 * Plugin Name: Cartback
 * Description: Tells Cartback what is in the cart, and notes the cart's name and the shopper's consent on the order.
 * License: Apache-2.0
 */

defined( 'ABSPATH' ) || exit;

/** The name of this visitor's cart. Not the session's key: a customer's stays the same after an order. */
function cartback_cart_id() {
	$id = WC()->session->get( 'cartback_cart' );
	if ( ! $id ) {
		$id = wp_generate_uuid4();
		WC()->session->set( 'cartback_cart', $id );
	}
	return $id;
}

/** Remembers that the cart has changed; it is told once, at the end of the request. */
function cartback_changed() {
	$GLOBALS['cartback_changed'] = true;
}

/** Posts the cart, signed as WooCommerce signs its webhooks, without waiting for the answer. */
function cartback_tell() {
	if ( empty( $GLOBALS['cartback_changed'] ) || ! WC()->session ) {
		return;
	}
	$answer = rest_do_request( new WP_REST_Request( 'GET', '/wc/store/v1/cart' ) );
	if ( $answer->is_error() ) {
		return;
	}
	$now  = new DateTimeImmutable( 'now', new DateTimeZone( 'UTC' ) );
	$cart = array(
		'cart_id'      => cartback_cart_id(),
		'at'           => $now->format( 'Y-m-d\TH:i:s.v\Z' ),
		'checkout_url' => wc_get_checkout_url(),
		'cart'         => rest_get_server()->response_to_data( $answer, false ),
	);
	$body = wp_json_encode( array( 'action' => 'cartback_cart', 'arg' => $cart ) );
	wp_remote_post(
		CARTBACK_URL,
		array(
			'blocking' => false,
			'timeout'  => 2,
			'body'     => $body,
			'headers'  => array(
				'Content-Type'           => 'application/json',
				'X-WC-Webhook-Topic'     => 'action.cartback_cart',
				'X-WC-Webhook-Source'    => home_url( '/' ),
				'X-WC-Webhook-Signature' => base64_encode( hash_hmac( 'sha256', $body, CARTBACK_SECRET, true ) ),
			),
		)
	);
	if ( WC()->cart->is_empty() ) {
		// What comes next is another cart.
		WC()->session->set( 'cartback_cart', null );
	}
}

/** Notes on the order which cart it was; in the classic checkout the box as well. */
function cartback_note( $order ) {
	$order->update_meta_data( '_cartback_cart', cartback_cart_id() );
	// WooCommerce has checked the form's nonce before.
	if ( ! empty( $_POST['cartback_reminders'] ) ) {
		$order->update_meta_data( '_wc_other/cartback/reminders', '1' );
	}
}

/** The box of the block checkout; it starts empty. */
function cartback_box() {
	if ( function_exists( 'woocommerce_register_additional_checkout_field' ) ) {
		woocommerce_register_additional_checkout_field(
			array(
				'id'       => 'cartback/reminders',
				'label'    => 'Remind me by e-mail if I leave something in my cart',
				'location' => 'contact',
				'type'     => 'checkbox',
			)
		);
	}
}

/** The box of the classic checkout; it starts empty. */
function cartback_classic_box() {
	woocommerce_form_field(
		'cartback_reminders',
		array(
			'type'  => 'checkbox',
			'label' => 'Remind me by e-mail if I leave something in my cart',
		)
	);
}

foreach (
	array(
		'woocommerce_add_to_cart',
		'woocommerce_cart_item_removed',
		'woocommerce_cart_item_restored',
		'woocommerce_after_cart_item_quantity_update',
		'woocommerce_applied_coupon',
		'woocommerce_removed_coupon',
		'woocommerce_cart_emptied',
		'woocommerce_store_api_cart_update_customer_from_request',
		'woocommerce_checkout_update_order_review',
	) as $cartback_hook
) {
	add_action( $cartback_hook, 'cartback_changed' );
}
// Before WooCommerce stores the session, at 20.
add_action( 'shutdown', 'cartback_tell', 5 );
add_action( 'woocommerce_checkout_create_order', 'cartback_note' );
add_action( 'woocommerce_store_api_checkout_update_order_meta', 'cartback_note' );
add_action( 'woocommerce_init', 'cartback_box' );
add_action( 'woocommerce_review_order_before_submit', 'cartback_classic_box' );
