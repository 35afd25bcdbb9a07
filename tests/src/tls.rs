//! TLS on loopback with certificates of our own, in a chain as long as that of AWS's endpoints.

#![expect(
    clippy::disallowed_methods,
    reason = "a server that lives as long as its test"
)]

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Who signs the certificates of `localhost`.
pub struct Authority {
    /// A file with its root, as PEM; gone with the value.
    pub roots: PathBuf,
    acceptor: TlsAcceptor,
}

impl Authority {
    /// A new one, which nobody trusts yet.
    ///
    /// # Panics
    /// When no temporary file can be written.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it writes a file")]
    pub fn new() -> Self {
        static N_AUTHORITIES: AtomicU32 = AtomicU32::new(0);
        let root_key = KeyPair::generate().unwrap();
        let root = authority("Root").self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(authority("Root"), root_key);
        let middle_key = KeyPair::generate().unwrap();
        let middle = authority("M01")
            .signed_by(&middle_key, &root_issuer)
            .unwrap();
        let middle_issuer = Issuer::new(authority("M01"), middle_key);
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &middle_issuer).unwrap();
        let chain = vec![leaf.der().clone(), middle.der().clone()];
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key.into())
            .unwrap();
        let n = N_AUTHORITIES.fetch_add(1, Ordering::Relaxed);
        let roots = format!("cartback-roots-{}-{n}.pem", process::id());
        let roots = std::env::temp_dir().join(roots);
        fs::write(&roots, root.pem()).unwrap();
        Self {
            roots,
            acceptor: TlsAcceptor::from(Arc::new(config)),
        }
    }

    /// Listens on a free port, ends TLS, and hands the bytes on to `plain`.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn front(&self, plain: SocketAddr) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = self.acceptor.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(pass_on(connection, acceptor.clone(), plain));
            }
        });
        address
    }
}

/// Ends when either side does; who does not trust us ends the handshake.
async fn pass_on(connection: TcpStream, acceptor: TlsAcceptor, plain: SocketAddr) {
    let opened = async {
        connection.set_nodelay(true)?;
        let upstream = TcpStream::connect(plain).await?;
        upstream.set_nodelay(true)?;
        Ok::<_, std::io::Error>((acceptor.accept(connection).await?, upstream))
    };
    if let Ok((mut connection, mut upstream)) = opened.await {
        let _ = tokio::io::copy_bidirectional(&mut connection, &mut upstream).await;
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

impl Drop for Authority {
    fn drop(&mut self) {
        // Whoever removes it first has done the work.
        let _ = fs::remove_file(&self.roots);
    }
}
