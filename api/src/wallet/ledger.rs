//! Wallets, their statements, and adjustments by staff (WAL-01, WAL-02).

use crate::audit::witness::seen;
use crate::{
    App,
    caller::Caller,
    extract::{ApiForm, ApiQuery, Checks, Form, PathId},
    http::views::{PageView, refused, size},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply, Tagged},
    wallet::views::{WalletEntryView, WalletView},
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use domain::{
    UserId,
    values::{Account, AdjustmentReason, SignedAmount},
};
use projections::{ACCOUNTS, Order, Seek, Stretch, WALLETS};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Of which account, and where.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntriesQuery {
    /// `balance`, `points`, `ai_text` or `ai_image`; absent: all of them.
    #[param(example = "points")]
    account: Option<String>,
    /// From `next` or `previous` of another page.
    #[param(pattern = "^(after|before)-[0-9]{1,18}$")]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

impl EntriesQuery {
    fn read(self) -> ApiResult<(Option<Account>, Stretch)> {
        let named = |text: String| account(&text).ok_or_else(|| refused("account", ACCOUNT));
        let seek = self.cursor.as_deref().map(str::parse).transpose();
        let seek = seek.map_err(|_| refused("cursor", "use a cursor from `next` or `previous`"))?;
        let stretch = Stretch { order: Order::NewestFirst, seek, limit: size("page_size", self.page_size)? };
        Ok((self.account.map(named).transpose()?, stretch))
    }
}

const ACCOUNT: &str = "balance, points, ai_text or ai_image";

fn account(name: &str) -> Option<Account> {
    Account::ALL.into_iter().find(|account| account.name() == name)
}

/// A correction of another's account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustmentBody {
    /// `balance`, `points`, `ai_text` or `ai_image`.
    #[schema(example = "points")]
    account: String,
    /// What is added, or with a minus taken: a decimal number as text, of money with at most two digits behind the dot,
    /// of everything else whole; not zero and at most 1000000000000.
    #[schema(example = "-10")]
    amount: String,
    /// For whoever reads the statement; 1 to 500 characters.
    #[schema(example = "awarded twice")]
    reason: String,
}

impl Form for AdjustmentBody {
    fn check(&self, checks: &mut Checks) {
        self.values(checks);
    }
}

impl AdjustmentBody {
    fn checked(&self) -> ApiResult<(SignedAmount, AdjustmentReason)> {
        let mut checks = Checks::default();
        let (amount, reason) = self.values(&mut checks);
        checks.finish()?;
        match (amount, reason) {
            (Some(amount), Some(reason)) => Ok((amount, reason)),
            _ => Err(Problem::internal("a checked form without its values")),
        }
    }

    fn values(&self, checks: &mut Checks) -> (Option<SignedAmount>, Option<AdjustmentReason>) {
        let account = account(&self.account);
        if account.is_none() {
            checks.add("account", "account-invalid", ACCOUNT);
        }
        // An amount is one of money, and perhaps of the account, which is not known here.
        let shown = account.unwrap_or(Account::Balance);
        let amount = checks.value("amount", SignedAmount::parse(shown, &self.amount));
        (amount, checks.value("reason", AdjustmentReason::parse(&self.reason)))
    }
}

/// What the caller has: money, points, credits. Whoever has no entry has nothing.
#[utoipa::path(get, path = "", tag = "wallet", responses((status = 200, body = WalletView), (status = 304)))]
pub async fn own_wallet(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    headers: HeaderMap,
) -> ApiResult<Tagged<WalletView>> {
    let fresh = app.catch_up(at_least, &[WALLETS]).await?;
    let wallet = app.queries().find_wallet(caller.user).await?;
    Ok(Reply::ok(()).fresh(fresh).tagged(wallet.version, wallet.into()).unless_known(&headers))
}

/// Lists the entries of the caller's wallet, newest first: each is one event.
#[utoipa::path(get, path = "", tag = "wallet", params(EntriesQuery),
    responses((status = 200, body = PageView<WalletEntryView>)))]
pub async fn list_entries(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<EntriesQuery>,
) -> ApiResult<Reply<PageView<WalletEntryView>>> {
    let (account, stretch) = query.read()?;
    let fresh = app.catch_up(at_least, &[WALLETS]).await?;
    Ok(Reply::ok(statement(&app, caller.user, account, stretch, &uri).await?).fresh(fresh))
}

async fn statement(
    app: &App,
    user: UserId,
    account: Option<Account>,
    stretch: Stretch,
    uri: &Uri,
) -> ApiResult<PageView<WalletEntryView>> {
    let page = app.queries().list_wallet_entries(user, account, stretch).await?;
    let link = |seek: Seek| ("cursor", seek.to_string());
    Ok(PageView::new(page, uri, link, WalletEntryView::from))
}

async fn present(app: &App, user: UserId) -> ApiResult<()> {
    let account = app.queries().find_account(user).await?;
    account.map(drop).ok_or_else(|| Problem::of(&kind::ACCOUNT_NOT_FOUND))
}

/// What somebody has. Staff only.
#[utoipa::path(get, path = "", tag = "wallet", params(("id" = Uuid, Path)),
    responses((status = 200, body = WalletView), (status = 304),
        (status = 404, description = "There is no such account")))]
pub async fn find_wallet(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    headers: HeaderMap,
    PathId(id): PathId<UserId>,
) -> ApiResult<Tagged<WalletView>> {
    let fresh = app.catch_up(at_least, &[ACCOUNTS, WALLETS]).await?;
    present(&app, id).await?;
    seen(&app, &caller.command, vec![id]).await?;
    let wallet = app.queries().find_wallet(id).await?;
    Ok(Reply::ok(()).fresh(fresh).tagged(wallet.version, wallet.into()).unless_known(&headers))
}

/// Lists the entries of a person's wallet, newest first. Staff only.
#[utoipa::path(get, path = "", tag = "wallet", params(("id" = Uuid, Path), EntriesQuery),
    responses((status = 200, body = PageView<WalletEntryView>),
        (status = 404, description = "There is no such account")))]
pub async fn list_entries_of(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    PathId(id): PathId<UserId>,
    ApiQuery(query): ApiQuery<EntriesQuery>,
) -> ApiResult<Reply<PageView<WalletEntryView>>> {
    let (account, stretch) = query.read()?;
    let fresh = app.catch_up(at_least, &[ACCOUNTS, WALLETS]).await?;
    present(&app, id).await?;
    seen(&app, &caller.command, vec![id]).await?;
    Ok(Reply::ok(statement(&app, id, account, stretch, &uri).await?).fresh(fresh))
}

/// Adds to another person's wallet, or subtracts what is available in it. Staff only.
#[utoipa::path(post, path = "", tag = "wallet", params(("id" = Uuid, Path)), request_body = AdjustmentBody,
    responses((status = 201, body = WalletView), (status = 404, description = "There is no such account"),
        (status = 402, description = "There are not enough credits"),
        (status = 409, description = "There is not enough on the account, or it can not receive so much")))]
pub async fn adjust_wallet(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<UserId>,
    ApiForm(body): ApiForm<AdjustmentBody>,
) -> ApiResult<Tagged<WalletView>> {
    let (amount, reason) = body.checked()?;
    let done = app.commands().ledgers.adjust(id, amount, reason, &caller.command).await?;
    let settled = app.settle(done.receipt.position, &[WALLETS], prefer).await;
    seen(&app, &caller.command, vec![id]).await?;
    let wallet = app.queries().find_wallet(id).await?;
    Ok(Reply::new(StatusCode::CREATED, ()).fresh(settled).tagged(wallet.version, wallet.into()))
}
