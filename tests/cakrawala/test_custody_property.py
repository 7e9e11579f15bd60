"""Whatever officers do with papers, in any order: each is in exactly one place, and its record says which."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import frappe

from cakrawala import world
from cakrawala.world import OFFICER, place, place_by_movements
from sinjai_services.cakrawala import custody

OFFICERS = ("Administrator", OFFICER, "kepala.uji@example.com")
PLACES = {custody.IN_LOCKER, custody.TAKEN, custody.MISSING, custody.GIVEN}
STEPS = {
	"Taken": {custody.IN_LOCKER},
	"Handed Over": {custody.TAKEN},
	"Returned": {custody.TAKEN},
	"Not Found": {custody.IN_LOCKER},
	"Found": {custody.MISSING},
	"Given to Owner": {custody.IN_LOCKER, custody.TAKEN},
	"Put In": {custody.GIVEN},
}
papers = st.integers(0, 2)
officers = st.sampled_from(OFFICERS)


class Shelf(RuleBasedStateMachine):
	"""Three papers, three officers, two requests; a model keeps where each paper ought to be."""

	@initialize()
	def fill(self):
		frappe.db.rollback(save_point="shelf")
		frappe.db.savepoint("shelf")
		frappe.set_user("Administrator")
		citizen = world.owner()
		vessel = world.boat(citizen)
		box = world.locker(citizen)
		self.papers = [world.paper(box, slot, "NPWP").name for slot in (1, 2, 3)]
		self.requests = [None, *(world.request(vessel).name for _round in range(2))]
		self.model = {name: (custody.IN_LOCKER, None, None) for name in self.papers}

	def attempt(self, event, name, action, after):
		allowed = self.model[name][0] in STEPS[event]
		if event == "Handed Over" and self.model[name][1] == after[1]:
			allowed = False
		if allowed:
			action()
			self.model[name] = after
			return
		with pytest.raises(custody.PaperElsewhere):
			action()

	@rule(paper=papers, officer=officers, request=papers)
	def take(self, paper, officer, request):
		name, request = self.papers[paper], self.requests[request]
		after = (custody.TAKEN, officer, request)
		self.attempt("Taken", name, lambda: custody.take(name, request, officer), after)

	@rule(paper=papers, officer=officers)
	def hand_over(self, paper, officer):
		name = self.papers[paper]
		after = (custody.TAKEN, officer, self.model[name][2])
		self.attempt("Handed Over", name, lambda: custody.hand_over(name, officer), after)

	@rule(
		paper=papers,
		step=st.sampled_from(
			[
				("Returned", custody.give_back),
				("Not Found", custody.missing),
				("Found", custody.found),
				("Given to Owner", custody.give_to_owner),
				("Put In", custody.put_in),
			]
		),
	)
	def other_step(self, paper, step):
		event, action = step
		name = self.papers[paper]
		self.attempt(event, name, lambda: action(name), (custody.AFTER[event], None, None))

	@rule(paper=papers, place=st.sampled_from(sorted(PLACES)), officer=officers)
	def somebody_saves_the_form(self, paper, place, officer):
		doc = frappe.get_doc("Locker Document", self.papers[paper])
		doc.update({"custody": place, "held_by": officer})
		doc.save()

	@invariant()
	def each_is_in_one_place_and_on_record(self):
		for name, expected in getattr(self, "model", {}).items():
			where = place(name)
			assert where == expected
			assert where == place_by_movements(name)
			assert (where[0] == custody.TAKEN) == bool(where[1])


def test_a_paper_is_always_in_exactly_one_place():
	frappe.db.savepoint("shelf")
	run_state_machine_as_test(
		Shelf,
		settings=settings(
			max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
		),
	)
