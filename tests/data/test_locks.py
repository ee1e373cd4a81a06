import shutil
import threading

from ntp.data.locks import hold, is_held


def test_a_lock_is_held_until_it_is_closed(tmp_path):
    file = hold(tmp_path / "folder" / "lock")
    assert is_held(tmp_path / "folder" / "lock")
    file.close()
    assert not is_held(tmp_path / "folder" / "lock")


def test_what_does_not_exist_is_not_held_and_not_made(tmp_path):
    assert not is_held(tmp_path / "folder" / "lock")
    assert not (tmp_path / "folder").exists()


def test_who_waited_for_a_removed_lock_holds_the_one_that_is_there(tmp_path):
    path = tmp_path / "folder" / "lock"
    first = hold(path)
    taken = []
    waiter = threading.Thread(target=lambda: taken.append(hold(path)))
    waiter.start()
    shutil.rmtree(path.parent)
    first.close()
    waiter.join(timeout=10)
    assert path.exists()
    assert is_held(path)
    taken[0].close()


def test_folders_that_come_and_go_never_hurt_a_holder(tmp_path):
    path = tmp_path / "folder" / "lock"
    inside: list[int] = []

    def work() -> None:
        for _ in range(200):
            with hold(path):
                inside.append(1)
                assert len(inside) == 1
                inside.pop()
                shutil.rmtree(path.parent, ignore_errors=True)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    assert not inside
