from lea_service.kernel.actors import Role
from lea_service.staff.approvals import verify_decision
from lea_service.staff.people_queries import list_people
from tests.support.log import check_log
from tests.support.staff import TEAM


def test_team_stands_in_tables_and_history(house, log, clock):
    with log.transactions.read() as session:
        people = {view.login: view for view in list_people(session, log.keys, clock.now())}
    assert set(people) == {"admin1", "overseer1", *TEAM}
    assert people["handler1"].roles == (Role.HANDLER,)
    assert all(view.counts for view in people.values())
    check_log(log)


def test_change_of_roles_takes_effect_at_once(house, log):
    request = {"account": house.id("handler1"), "roles": ["approver", "handler"]}
    approval_id = house.approve("staff.roles", request, "overseer1", "admin1")
    assert house.actor("handler1").roles == {Role.HANDLER, Role.APPROVER}
    with log.transactions.read() as session:
        verified = verify_decision(session, approval_id, root=house.load_root())
    assert (verified.proposed_by, verified.decided_by) == (
        house.id("overseer1"),
        house.id("admin1"),
    )
    check_log(log)
