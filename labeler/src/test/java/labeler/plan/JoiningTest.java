package labeler.plan;

import static labeler.plan.Given.BLOCK_DEVICE;
import static labeler.plan.Given.CONTENT;
import static labeler.plan.Given.HOME;
import static labeler.plan.Given.IMAGE;
import static labeler.plan.Given.IMAGE_OF_ANOTHER;
import static labeler.plan.Given.IMPOSSIBLE;
import static labeler.plan.Given.LEFT;
import static labeler.plan.Given.READS;
import static labeler.plan.Given.READS_SECRET;
import static labeler.plan.Given.SHARED;
import static labeler.plan.Given.TEMPORARY;
import static labeler.plan.Given.WRITES;
import static labeler.plan.Given.alsoElsewhere;
import static labeler.plan.Given.assertLabelled;
import static labeler.plan.Given.assertLeft;
import static labeler.plan.Given.assertPassed;
import static labeler.plan.Given.assertRefused;
import static labeler.plan.Given.file;
import static labeler.plan.Given.fixed;
import static labeler.plan.Given.hadBefore;
import static labeler.plan.Given.held;
import static labeler.plan.Given.label;
import static labeler.plan.Given.labelled;
import static labeler.plan.Given.only;
import static labeler.plan.Given.plan;
import static labeler.plan.Given.shareable;
import static labeler.plan.Given.unlabelable;
import static labeler.plan.Given.unlabelled;
import static labeler.plan.Given.use;
import static labeler.plan.Given.with;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import labeler.fileset.FileUse;
import labeler.linux.FileType;
import labeler.plan.Given.Journal;
import labeler.plan.Given.LabelledFile;
import labeler.plan.LabelState.Cause;
import labeler.problem.Problem.Kind;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import org.junit.jupiter.api.Test;

/** A VM's share of files that other VMs hold. */
class JoiningTest {
    private static final LabelledFile DISK = file("/vm/disk", WRITES);
    private static final LabelledFile BASE = file("/vm/base", READS);
    private static final LabelledFile KEY = file("/vm/key", READS_SECRET);

    private static Plan joined(LabelledFile file, HeldFile held) {
        return plan(Journal.EMPTY.with(file, held), file);
    }

    @Test
    void a_file_that_one_vm_writes_is_for_nobody_else() {
        HeldFile exclusive = held(Sharing.EXCLUSIVE, "one");

        assertRefused(
                joined(DISK, exclusive),
                Kind.IN_USE,
                "VM one holds it (written by one VM), and here it is disk 0 (written by one VM)",
                "use an overlay");
        assertRefused(joined(shareable(DISK), exclusive), Kind.IN_USE, "here it is disk 0 (shareable)");
        assertRefused(joined(BASE, exclusive), Kind.IN_USE, "here it is disk 1 (read by VMs)");
    }

    @Test
    void a_file_that_vms_read_is_for_readers_only() {
        HeldFile content = held(Sharing.CONTENT, "one");

        assertLabelled(joined(BASE, content), CONTENT, Optional.of(HOME));
        assertRefused(joined(DISK, content), Kind.IN_USE, "VM one holds it (read by VMs)");
        assertRefused(joined(shareable(DISK), content), Kind.IN_USE);
    }

    @Test
    void a_shareable_file_is_for_those_who_declare_it_so() {
        HeldFile shared = held(Sharing.SHARED, "one");

        assertLabelled(joined(shareable(DISK), shared), SHARED, Optional.of(HOME));
        assertRefused(joined(DISK, shared), Kind.IN_USE, "VM one holds it (shareable)");
        assertRefused(joined(BASE, shared), Kind.IN_USE);
    }

    @Test
    void a_secret_is_one_vms_though_it_is_only_read() {
        assertRefused(
                joined(KEY, held(Sharing.EXCLUSIVE, "one")),
                Kind.IN_USE,
                "VM one holds it, and here it is object 0, a secret; stop that VM, or give each VM a secret of its"
                        + " own");
        assertRefused(joined(KEY, held(Sharing.CONTENT, "one")), Kind.IN_USE, "a secret");
    }

    @Test
    void whoever_joins_says_with_whom() {
        assertThat(only(joined(BASE, held(Sharing.CONTENT, "two", "one"))).reason())
                .isEqualTo("read by VMs, with one, two");
    }

    @Test
    void of_many_holders_three_are_named() {
        assertThat(only(joined(BASE, held(Sharing.CONTENT, "c", "b", "a"))).reason())
                .endsWith("with a, b, c");
        assertThat(only(joined(BASE, held(Sharing.CONTENT, "e", "d", "c", "b", "a")))
                        .reason())
                .endsWith("with a, b, c and 2 more");
    }

    @Test
    void the_original_is_the_one_that_the_first_holder_found() {
        LabelledFile atOurs = labelled(label(CONTENT), BASE);

        assertLabelled(joined(atOurs, held(Sharing.CONTENT, "one")), CONTENT, Optional.of(HOME));
        assertLabelled(
                joined(atOurs, hadBefore(Optional.empty(), held(Sharing.CONTENT, "one"))), CONTENT, Optional.empty());
    }

    @Test
    void a_file_that_was_given_its_original_back_meanwhile_is_labelled_again() {
        HeldFile hadNone = hadBefore(Optional.empty(), held(Sharing.CONTENT, "one"));

        assertLabelled(joined(BASE, held(Sharing.CONTENT, "one")), CONTENT, Optional.of(HOME));
        assertLabelled(joined(unlabelled(BASE), hadNone), CONTENT, Optional.empty());
    }

    @Test
    void a_label_of_ours_of_before_may_be_another_one_than_the_sharings() {
        HeldFile held = Given.with(TEMPORARY, held(Sharing.CONTENT, "one"));

        assertLabelled(joined(labelled(TEMPORARY, BASE), held), CONTENT, Optional.of(HOME));
    }

    @Test
    void a_file_that_somebody_gave_another_label_is_joined_by_nobody() {
        assertRefused(
                joined(labelled(TEMPORARY, BASE), held(Sharing.CONTENT, "one")),
                Kind.CHANGED,
                "somebody gave it " + TEMPORARY.printable() + " while VM one holds it",
                "labeler relabel");
        assertRefused(
                joined(unlabelled(BASE), held(Sharing.CONTENT, "one")), Kind.CHANGED, "somebody gave it no label");
        assertRefused(
                joined(BASE, hadBefore(Optional.empty(), held(Sharing.CONTENT, "one"))),
                Kind.CHANGED,
                "somebody gave it " + HOME.printable());
    }

    @Test
    void a_pair_on_a_file_that_is_held_was_given_by_somebody_and_is_not_left_over() {
        assertRefused(joined(labelled(IMAGE_OF_ANOTHER, BASE), held(Sharing.CONTENT, "one")), Kind.CHANGED);
    }

    @Test
    void where_no_label_can_be_set_the_next_vm_is_handed_the_file_too() {
        HeldFile content = held(Sharing.CONTENT, "one");
        LabelledFile file = unlabelable(Cause.STORES_NONE, BASE);
        Journal journal = Journal.EMPTY.with(file, content);

        assertPassed(plan(journal, file), Optional.empty());
        assertLeft(plan(journal, LEFT, file), "leaves it to libvirt", Optional.empty());
        assertRefused(plan(journal, IMPOSSIBLE, file), Kind.LABELS_UNAVAILABLE, "start it with labeler run");
        assertRefused(joined(unlabelable(Cause.READ_ONLY, BASE), content), Kind.LABELS_UNAVAILABLE);
        assertLeft(
                joined(fixed(label(CONTENT), Cause.READ_ONLY, BASE), content),
                "has its label already",
                Optional.empty());
    }

    @Test
    void where_no_label_can_be_set_a_file_of_another_vm_is_in_use_all_the_same() {
        assertRefused(joined(unlabelable(Cause.STORES_NONE, DISK), held(Sharing.EXCLUSIVE, "one")), Kind.IN_USE);
    }

    @Test
    void a_file_that_its_last_holder_has_left_is_joined_by_nobody_and_taken_alone() {
        assertLabelled(joined(DISK, held(Sharing.CONTENT)), IMAGE, Optional.of(HOME));
    }

    @Test
    void a_socket_that_another_vm_has_made_for_itself_is_not_connected_to() {
        FileUse connects = use("chardev 1", FileRole.SOCKET, UseAccess.READ_WRITE);
        LabelledFile socket = file(FileType.SOCKET, "/vm/socket", connects);

        assertRefused(
                plan(Journal.EMPTY.withMaker(socket, "one"), socket),
                Kind.IN_USE,
                "VM one has made it for itself, and here it is chardev 1");
    }

    @Test
    void a_file_in_the_tree_of_another_vm_is_in_use() {
        assertRefused(
                plan(Journal.EMPTY.withAround(DISK, "one"), DISK), Kind.IN_USE, "VM one has the tree that it is in");
    }

    @Test
    void a_tree_with_a_file_of_another_vm_is_in_use() {
        LabelledFile tree = file(FileType.DIRECTORY, "/vm", use("fsdev 0", FileRole.TREE, UseAccess.READ_WRITE));

        assertRefused(plan(Journal.EMPTY.withAround(tree, "one"), tree), Kind.IN_USE, "VM one has a file in this tree");
    }

    @Test
    void a_block_device_that_is_held_through_another_node_is_in_use() {
        Journal journal = Journal.EMPTY.withNode(BLOCK_DEVICE, held(Sharing.EXCLUSIVE, "one"));

        assertRefused(
                plan(journal, file(FileType.BLOCK_DEVICE, "/dev/disk", WRITES)),
                Kind.IN_USE,
                "VM one holds another node of this block device (written by one VM)");
        assertLabelled(plan(journal, DISK), IMAGE, Optional.of(HOME));
    }

    @Test
    void a_block_device_that_all_only_read_is_not_in_the_way_through_another_node() {
        Journal journal = Journal.EMPTY.withNode(BLOCK_DEVICE, held(Sharing.CONTENT, "one"));

        assertLabelled(plan(journal, file(FileType.BLOCK_DEVICE, "/dev/disk", READS)), CONTENT, Optional.of(HOME));
    }

    @Test
    void what_the_followed_vm_has_itself_is_joined_at_the_label_that_its_strongest_use_needs() {
        LabelledFile file = labelled(label(IMAGE), file("/vm/disk", READS));
        HeldFile its = with(label(IMAGE), held(Sharing.EXCLUSIVE));

        assertLabelled(plan(Journal.EMPTY.with(file, its).following(file, WRITES), file), IMAGE, Optional.of(HOME));
    }

    @Test
    void what_the_followed_vm_shares_stays_shared_though_a_further_use_does_not_say_so() {
        LabelledFile file = labelled(label(SHARED), DISK);
        Journal journal = Journal.EMPTY.with(file, held(Sharing.SHARED, "one"));

        assertLabelled(plan(journal.following(file, WRITES), file), SHARED, Optional.of(HOME));
    }

    @Test
    void what_the_followed_vm_has_itself_and_somebody_labelled_is_changed() {
        LabelledFile file = labelled(TEMPORARY, DISK);

        assertRefused(
                plan(Journal.EMPTY.with(file, held(Sharing.EXCLUSIVE)).following(file, WRITES), file),
                Kind.CHANGED,
                "while this VM holds it");
    }

    @Test
    void the_followed_vm_may_write_a_file_in_several_places_and_read_it() {
        LabelledFile file = file("/vm/disk", WRITES, READS, use("disk 2", FileRole.DISK, UseAccess.READ_WRITE));

        assertLabelled(plan(Journal.EMPTY.following(file), file), IMAGE, Optional.of(HOME));
    }

    @Test
    void a_file_that_only_another_host_has_is_in_use() {
        assertRefused(
                joined(DISK, alsoElsewhere(held(Sharing.EXCLUSIVE))),
                Kind.IN_USE,
                "another host holds it (written by one VM)");
    }

    @Test
    void who_else_has_a_file_is_said_of_this_host_and_of_others() {
        LabelledFile base = labelled(label(CONTENT), BASE);

        assertThat(only(joined(base, held(Sharing.CONTENT, "one"))).reason()).isEqualTo("read by VMs, with one");
        assertThat(only(joined(base, alsoElsewhere(held(Sharing.CONTENT)))).reason())
                .isEqualTo("read by VMs, with other hosts");
        assertThat(only(joined(base, alsoElsewhere(held(Sharing.CONTENT, "one"))))
                        .reason())
                .isEqualTo("read by VMs, with one and other hosts");
    }
}
