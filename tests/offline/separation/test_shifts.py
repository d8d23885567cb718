from streamsep_offline.separation.shifts import MAX_SHIFT_S, shift_amounts_s


def test_no_shifts_is_one_separation_in_place():
    assert shift_amounts_s(0, 3) == (0.0,)


def test_amounts_are_in_range_and_repeat_with_their_seed():
    amounts = shift_amounts_s(20, 3)
    assert len(set(amounts)) == 20
    assert all(0 <= s <= MAX_SHIFT_S for s in amounts)
    assert amounts == shift_amounts_s(20, 3)
    assert amounts != shift_amounts_s(20, 4)
