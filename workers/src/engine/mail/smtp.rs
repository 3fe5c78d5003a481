//! Mail by SMTP, over kept connections.

use super::{MailError, Security, SmtpSettings};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use secrecy::ExposeSecret;
use std::time::Duration;
use tokio::time::timeout;

pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// lettre bounds only the connecting; a server that falls silent later must not hold a job.
    timeout: Duration,
}

impl Smtp {
    pub(super) fn new(settings: &SmtpSettings) -> Result<Self, MailError> {
        let SmtpSettings { host, port, credentials, security, timeout } = settings;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(*port)
            .timeout(Some(*timeout))
            .tls(tls(host, *security)?);
        if let Some((user, password)) = credentials {
            let password = password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        Ok(Self { transport: builder.build(), timeout: *timeout })
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), MailError> {
        match timeout(self.timeout, self.transport.send(message)).await {
            Ok(sent) => sent.map(drop).map_err(MailError::Smtp),
            Err(_) => Err(MailError::Timeout),
        }
    }
}

fn tls(host: &str, security: Security) -> Result<Tls, MailError> {
    let unusable = || MailError::Settings("the host cannot be used with TLS");
    let parameters = || TlsParameters::new(host.to_owned()).map_err(|_| unusable());
    Ok(match security {
        Security::None => Tls::None,
        Security::IfOffered => {
            // Whoever only listens is kept out; a certificate that nobody checks keeps nobody else out (RFC 7435).
            let parameters = TlsParameters::builder(host.to_owned())
                .dangerous_accept_invalid_certs(true)
                .dangerous_accept_invalid_hostnames(true);
            Tls::Opportunistic(parameters.build().map_err(|_| unusable())?)
        }
        Security::StartTls => Tls::Required(parameters()?),
        Security::Tls => Tls::Wrapper(parameters()?),
    })
}
