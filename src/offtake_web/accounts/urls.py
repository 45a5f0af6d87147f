from __future__ import annotations

from django.urls import include, path

from offtake_web.accounts import signin, views, views_people

# django-allauth looks for the names that begin with account_, mfa_, openid_ and socialaccount_.
SIGN_IN = [
    path("login/", signin.login, name="login"),
    path("login/", signin.login, name="account_login"),
    path("logout/", signin.logout, name="logout"),
    path("closed/", signin.inactive, name="account_inactive"),
    path("again/", signin.reauthenticate, name="account_reauthenticate"),
    path("password/", signin.change_password, name="account_change_password"),
    path("password/<uidb64>/<token>/", signin.set_password, name="set-password"),
    path("second-factor/", signin.second_factor, name="mfa_index"),
    path("second-factor/code/", signin.authenticate, name="mfa_authenticate"),
    path("second-factor/again/", signin.reauthenticate_by_code, name="mfa_reauthenticate"),
    path("second-factor/on/", signin.activate, name="mfa_activate_totp"),
    path("second-factor/off/", signin.deactivate, name="mfa_deactivate_totp"),
    path("recovery-codes/", signin.recovery_codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", signin.new_recovery_codes, name="mfa_generate_recovery_codes"),
    path("recovery-codes/file/", signin.recovery_file, name="mfa_download_recovery_codes"),
    path("company/stopped/", signin.company_cancelled, name="socialaccount_login_cancelled"),
    path("company/<provider_id>/", signin.company_login, name="openid_connect_login"),
    path("company/<provider_id>/back/", signin.company_callback, name="openid_connect_callback"),
]

ACCOUNT = [
    path("", views.account, name="account"),
    path("tokens/", views.token_new, name="token-new"),
    path("tokens/<int:number>/revoke/", views.token_revoke, name="token-revoke"),
    path("sessions/end/", views.sessions_end, name="sessions-end"),
]

PEOPLE = [
    path("", views_people.people, name="people"),
    path("new/", views_people.person_new, name="person-new"),
    path("rules/", views_people.people_rules, name="people-rules"),
    path("<int:number>/", views_people.person, name="person"),
    path("<int:number>/close/", views_people.person_close, name="person-close"),
    path("<int:number>/reopen/", views_people.person_reopen, name="person-reopen"),
    path("<int:number>/link/", views_people.person_link, name="person-link"),
    path(
        "<int:number>/second-factor/",
        views_people.person_second_factor,
        name="person-second-factor",
    ),
    path("<int:number>/sessions/", views_people.person_sessions, name="person-sessions"),
    path("<int:number>/tokens/<int:token>/revoke/", views_people.person_token, name="person-token"),
]

urlpatterns = [
    path("accounts/", include(SIGN_IN)),
    path("account/", include(ACCOUNT)),
    path("people/", include(PEOPLE)),
]
