package labeler.plan;

import static labeler.plan.Given.ANOTHER_LEVEL;
import static labeler.plan.Given.CONTENT;
import static labeler.plan.Given.HOME;
import static labeler.plan.Given.IMAGE;
import static labeler.plan.Given.IMAGE_OF_ANOTHER;
import static labeler.plan.Given.IMPOSSIBLE;
import static labeler.plan.Given.LEFT;
import static labeler.plan.Given.LEVEL;
import static labeler.plan.Given.MAKES_SOCKET;
import static labeler.plan.Given.POSSIBLE;
import static labeler.plan.Given.READS;
import static labeler.plan.Given.READS_SECRET;
import static labeler.plan.Given.SHARED;
import static labeler.plan.Given.TEMPORARY;
import static labeler.plan.Given.WRITES;
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
import static labeler.plan.Given.leftAs;
import static labeler.plan.Given.only;
import static labeler.plan.Given.plan;
import static labeler.plan.Given.shareable;
import static labeler.plan.Given.unlabelable;
import static labeler.plan.Given.unlabelled;
import static labeler.plan.Given.use;
import static labeler.plan.Given.yetToBeMade;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.fileset.FileUse;
import labeler.linux.FileType;
import labeler.plan.Given.Journal;
import labeler.plan.Given.LabelledFile;
import labeler.plan.LabelState.Cause;
import labeler.problem.Problem.Kind;
import labeler.selinux.StoredLabel;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Plans for files that no other VM holds. */
class PlannerTest {
    private static final LabelledFile DISK = file("/vm/disk", WRITES);
    private static final LabelledFile SOCKET = yetToBeMade(leftAs("qemu makes it", file("/vm/socket", MAKES_SOCKET)));

    @Test
    void a_file_that_the_vm_writes_alone_gets_the_image_label() {
        assertLabelled(plan(Journal.EMPTY, DISK), IMAGE, Optional.of(HOME));
        assertThat(only(plan(Journal.EMPTY, DISK)).reason()).isEqualTo("written by one VM");
    }

    @Test
    void a_file_that_the_vm_reads_gets_the_content_label() {
        assertLabelled(plan(Journal.EMPTY, file("/vm/base", READS)), CONTENT, Optional.of(HOME));
    }

    @Test
    void a_shareable_file_that_the_vm_writes_gets_the_shared_label() {
        assertLabelled(plan(Journal.EMPTY, shareable(DISK)), SHARED, Optional.of(HOME));
    }

    @Test
    void a_secret_gets_the_image_label_though_the_vm_only_reads_it() {
        Plan plan = plan(Journal.EMPTY, file("/vm/key", READS_SECRET));

        assertLabelled(plan, IMAGE, Optional.of(HOME));
        assertThat(only(plan).reason()).isEqualTo("a secret of one VM");
    }

    @Test
    void a_file_without_a_label_gets_one_and_has_none_to_get_back() {
        assertLabelled(plan(Journal.EMPTY, unlabelled(DISK)), IMAGE, Optional.empty());
        assertThat(only(plan(Journal.EMPTY, unlabelled(file("/vm/key", READS_SECRET))))
                        .reason())
                .isEqualTo("a secret of one VM");
    }

    @Test
    void a_file_that_is_yet_to_be_made_is_planned_like_one_that_nobody_holds() {
        assertLabelled(plan(Journal.EMPTY, unlabelled(yetToBeMade(DISK))), IMAGE, Optional.empty());
    }

    @Test
    void a_file_that_there_is_a_reason_to_leave_stays_as_it_is() {
        assertLeft(plan(Journal.EMPTY, leftAs("the host's", DISK)), "the host's", Optional.of(HOME));
        assertLeft(plan(Journal.EMPTY, leftAs("the host's", unlabelled(DISK))), "the host's", Optional.empty());
    }

    @Test
    void a_file_that_is_left_is_neither_a_contradiction_nor_in_use_nor_left_over() {
        LabelledFile file = leftAs("the host's", labelled(IMAGE_OF_ANOTHER, file("/dev/x", READS, WRITES)));

        Journal journal = Journal.EMPTY.with(file, held(Sharing.EXCLUSIVE, "other"));

        assertLeft(plan(journal, file), "the host's", Optional.of(IMAGE_OF_ANOTHER));
    }

    @Test
    void what_another_vm_has_made_for_itself_is_in_use() {
        assertRefused(
                plan(Journal.EMPTY.withMaker(SOCKET, "other"), SOCKET),
                Kind.IN_USE,
                "VM other has made it for itself",
                "here it is chardev 0");
    }

    @Test
    void what_nobody_has_made_yet_is_left_to_qemu() {
        assertLeft(plan(Journal.EMPTY, SOCKET), "qemu makes it", Optional.of(HOME));
    }

    @ParameterizedTest
    @MethodSource
    void only_what_qemu_itself_makes_is_asked_for_its_maker(LabelledFile file) {
        assertThat(plan(Journal.EMPTY.withMaker(file, "other"), file).problems())
                .isEmpty();
    }

    static Stream<LabelledFile> only_what_qemu_itself_makes_is_asked_for_its_maker() {
        return Stream.of(
                leftAs("it is there", file("/vm/socket", MAKES_SOCKET)),
                yetToBeMade(file("/vm/log", MAKES_SOCKET)),
                yetToBeMade(leftAs(
                        "connects", file("/vm/socket", use("chardev 0", FileRole.SOCKET, UseAccess.READ_WRITE)))),
                yetToBeMade(leftAs("a log", file("/vm/log", use("log 0", FileRole.LOG, UseAccess.CREATE)))));
    }

    @Test
    void what_qemu_would_make_by_its_name_is_handed_over_where_no_label_can_be() {
        assertPassed(plan(Journal.EMPTY, unlabelable(Cause.STORES_NONE, SOCKET)), Optional.empty());
    }

    @Test
    void and_left_to_qemu_wherever_it_can_be_labelled_or_nothing_can_be_handed_over() {
        assertLeft(
                plan(Journal.EMPTY, LEFT, unlabelable(Cause.STORES_NONE, SOCKET)), "qemu makes it", Optional.empty());
        assertLeft(
                plan(Journal.EMPTY, IMPOSSIBLE, unlabelable(Cause.STORES_NONE, SOCKET)),
                "qemu makes it",
                Optional.empty());
        assertLeft(plan(Journal.EMPTY, unlabelable(Cause.ONE_FOR_ALL, SOCKET)), "qemu makes it", Optional.empty());
        assertLeft(plan(Journal.EMPTY, unlabelable(Cause.READ_ONLY, SOCKET)), "qemu makes it", Optional.empty());
        assertLeft(
                plan(Journal.EMPTY, leftAs("is there", unlabelable(Cause.STORES_NONE, DISK))),
                "is there",
                Optional.empty());
    }

    @Test
    void a_file_that_the_vm_reads_here_and_writes_there_is_a_contradiction() {
        Plan plan = plan(Journal.EMPTY, file("/vm/disk", WRITES, READS));

        assertRefused(plan, Kind.CONTRADICTION, "both reads and writes it (disk 0, disk 1)");
        assertThat(only(plan).original()).contains(HOME);
        assertRefused(plan(Journal.EMPTY, shareable(file("/vm/disk", WRITES, READS))), Kind.CONTRADICTION);
    }

    @Test
    void a_file_that_the_vm_writes_in_two_places_is_a_contradiction() {
        FileUse again = use("disk 2", FileRole.DISK, UseAccess.READ_WRITE);

        assertRefused(
                plan(Journal.EMPTY, file("/vm/disk", WRITES, again)),
                Kind.CONTRADICTION,
                "writes it in two places (disk 0, disk 2)");
    }

    @Test
    void a_secret_that_the_vm_also_writes_is_one_place_too_many() {
        assertRefused(
                plan(Journal.EMPTY, file("/vm/key", READS_SECRET, WRITES)),
                Kind.CONTRADICTION,
                "writes it in two places (object 0, disk 0)");
    }

    @ParameterizedTest
    @MethodSource
    void a_file_may_be_used_in_two_places(LabelledFile file) {
        assertThat(only(plan(Journal.EMPTY, file)).treatment()).isEqualTo(Treatment.LABEL);
    }

    /** Files that are read, or a secret, or shareable, or named twice in one place. */
    static Stream<LabelledFile> a_file_may_be_used_in_two_places() {
        return Stream.of(
                file("/vm/base", READS, use("disk 2", FileRole.BACKING, UseAccess.READ_ONLY)),
                file("/vm/key", READS_SECRET, use("object 1", FileRole.SECRET, UseAccess.READ_ONLY)),
                shareable(file("/vm/disk", WRITES, use("disk 2", FileRole.DISK, UseAccess.READ_WRITE))),
                file("/vm/log", WRITES, use("disk 0", FileRole.LOG, UseAccess.CREATE)));
    }

    @Test
    void a_pair_that_nobody_knows_is_left_over() {
        Plan plan = plan(Journal.EMPTY, labelled(IMAGE_OF_ANOTHER, DISK));

        assertRefused(
                plan, Kind.LEFTOVER_LABEL, IMAGE_OF_ANOTHER.printable(), "labeler recover --scan", "restorecon -F");
        assertThat(only(plan).original()).contains(IMAGE_OF_ANOTHER);
    }

    @Test
    void the_pair_of_the_vm_itself_is_not_left_over() {
        assertLabelled(plan(Journal.EMPTY, labelled(label(IMAGE), DISK)), IMAGE, Optional.of(label(IMAGE)));
    }

    @Test
    void an_image_label_without_a_pair_is_not_left_over() {
        assertLabelled(plan(Journal.EMPTY, labelled(label(SHARED), DISK)), IMAGE, Optional.of(label(SHARED)));
    }

    @Test
    void a_pair_at_a_type_that_is_no_image_is_not_left_over() {
        StoredLabel ofContainer = label("system_u:object_r:container_file_t:s0:c3,c4");

        assertLabelled(plan(Journal.EMPTY, labelled(ofContainer, DISK)), IMAGE, Optional.of(ofContainer));
    }

    @Test
    void bytes_that_spell_no_context_are_what_the_file_had() {
        StoredLabel bytes = StoredLabel.of(new byte[] {1, 2, 3});

        assertLabelled(plan(Journal.EMPTY, labelled(bytes, DISK)), IMAGE, Optional.of(bytes));
    }

    @Test
    void nothing_is_left_over_for_whoever_has_no_journal() {
        assertLabelled(
                plan(HeldFiles.unknown(), labelled(IMAGE_OF_ANOTHER, DISK)), IMAGE, Optional.of(IMAGE_OF_ANOTHER));
    }

    @Test
    void a_label_that_a_crash_left_goes_and_what_the_file_had_before_it_is_remembered() {
        LabelledFile file = labelled(IMAGE_OF_ANOTHER, DISK);

        assertLabelled(plan(Journal.EMPTY.with(file, held(Sharing.EXCLUSIVE)), file), IMAGE, Optional.of(HOME));
        assertLabelled(
                plan(Journal.EMPTY.with(file, hadBefore(Optional.empty(), held(Sharing.EXCLUSIVE))), file),
                IMAGE,
                Optional.empty());
    }

    @Test
    void a_pair_that_the_file_had_before_us_is_not_left_over() {
        LabelledFile file = labelled(IMAGE_OF_ANOTHER, DISK);
        HeldFile formerly = hadBefore(Optional.of(IMAGE_OF_ANOTHER), Given.with(label(IMAGE), held(Sharing.EXCLUSIVE)));

        assertLabelled(plan(Journal.EMPTY.with(file, formerly), file), IMAGE, Optional.of(IMAGE_OF_ANOTHER));
    }

    @Test
    void a_pair_that_the_record_of_the_file_does_not_have_is_left_over() {
        LabelledFile file = labelled(label("system_u:object_r:svirt_image_t:s0:c5,c6"), DISK);

        assertRefused(plan(Journal.EMPTY.with(file, held(Sharing.EXCLUSIVE)), file), Kind.LEFTOVER_LABEL);
    }

    @Test
    void what_somebody_gave_a_file_after_us_is_what_it_has_to_get_back() {
        LabelledFile file = labelled(TEMPORARY, DISK);

        assertLabelled(plan(Journal.EMPTY.with(file, held(Sharing.EXCLUSIVE)), file), IMAGE, Optional.of(TEMPORARY));
    }

    @Test
    void a_file_that_carries_nothing_any_more_has_nothing_to_get_back() {
        LabelledFile file = unlabelled(DISK);

        assertLabelled(plan(Journal.EMPTY.with(file, held(Sharing.EXCLUSIVE)), file), IMAGE, Optional.empty());
    }

    @Test
    void a_file_at_the_level_of_another_tools_process_is_in_use() {
        LabelledFile file = labelled(IMAGE_OF_ANOTHER, DISK);

        assertRefused(
                plan(Journal.EMPTY, Set.of(ANOTHER_LEVEL), POSSIBLE, file),
                Kind.IN_USE,
                IMAGE_OF_ANOTHER.printable(),
                "belongs to a running process of another tool");
        assertRefused(plan(HeldFiles.unknown(), Set.of(ANOTHER_LEVEL), POSSIBLE, file), Kind.IN_USE);
    }

    @Test
    void levels_of_other_processes_do_not_touch_files_that_have_none_of_them() {
        assertLabelled(plan(Journal.EMPTY, Set.of(ANOTHER_LEVEL, LEVEL), POSSIBLE, DISK), IMAGE, Optional.of(HOME));
    }

    @ParameterizedTest
    @EnumSource(Cause.class)
    void a_file_that_has_its_label_for_good_is_left_whatever_can_be_handed_over(Cause cause) {
        for (HandoverSupport passing : List.of(POSSIBLE, LEFT, IMPOSSIBLE)) {
            assertLeft(
                    plan(Journal.EMPTY, passing, fixed(label(IMAGE), cause, DISK)),
                    "has its label already; no label can be set",
                    Optional.empty());
            assertThat(only(plan(Journal.EMPTY, passing, fixed(HOME, cause, DISK)))
                            .reason())
                    .doesNotContain("already");
        }
    }

    @Test
    void the_label_that_is_right_depends_on_what_the_vm_does_with_the_file() {
        LabelledFile base = file("/vm/base", READS);

        assertLeft(
                plan(Journal.EMPTY, fixed(label(CONTENT), Cause.READ_ONLY, base)),
                "has its label already",
                Optional.empty());
        assertRefused(plan(Journal.EMPTY, fixed(label(IMAGE), Cause.READ_ONLY, base)), Kind.LABELS_UNAVAILABLE);
    }

    @Test
    void where_no_file_has_a_label_of_its_own_it_is_handed_over() {
        assertPassed(plan(Journal.EMPTY, unlabelable(Cause.STORES_NONE, DISK)), Optional.empty());
        assertPassed(plan(Journal.EMPTY, fixed(HOME, Cause.STORES_NONE, DISK)), Optional.of(HOME));
    }

    @Test
    void or_left_where_the_settings_say_so() {
        assertLeft(
                plan(Journal.EMPTY, LEFT, unlabelable(Cause.STORES_NONE, DISK)),
                "label.unlabelled leaves it to libvirt",
                Optional.empty());
    }

    @Test
    void or_refused_with_both_ways_out_where_nothing_can_be_handed_over() {
        assertRefused(
                plan(Journal.EMPTY, IMPOSSIBLE, unlabelable(Cause.STORES_NONE, DISK)),
                Kind.LABELS_UNAVAILABLE,
                "no label can be set; start it with labeler run, or move it to a file system that stores labels");
    }

    @Test
    void where_all_files_have_one_label_or_none_can_be_changed_it_is_refused_with_the_way_out() {
        for (HandoverSupport passing : List.of(POSSIBLE, LEFT, IMPOSSIBLE)) {
            assertRefused(
                    plan(Journal.EMPTY, passing, fixed(HOME, Cause.ONE_FOR_ALL, DISK)),
                    Kind.LABELS_UNAVAILABLE,
                    "no label can be set; mount it without context=");
            assertRefused(
                    plan(Journal.EMPTY, passing, unlabelable(Cause.READ_ONLY, DISK)),
                    Kind.LABELS_UNAVAILABLE,
                    "no label can be set; mount it writable");
        }
    }

    @Test
    void a_label_for_good_is_neither_left_over_nor_another_processs() {
        LabelledFile file = fixed(IMAGE_OF_ANOTHER, Cause.STORES_NONE, DISK);

        assertPassed(plan(Journal.EMPTY, Set.of(ANOTHER_LEVEL), POSSIBLE, file), Optional.of(IMAGE_OF_ANOTHER));
    }

    @Test
    void what_has_no_content_of_its_own_may_be_written_in_two_places() {
        FileUse again = use("chardev 1", FileRole.CHARACTER_DEVICE, UseAccess.READ_WRITE);

        assertLabelled(plan(Journal.EMPTY, file(FileType.FIFO, "/vm/pipe", WRITES, again)), IMAGE, Optional.of(HOME));
    }

    @Test
    void what_qemu_opens_by_its_name_alone_is_not_handed_over() {
        LabelledFile pipe = unlabelable(Cause.STORES_NONE, file(FileType.FIFO, "/vm/pipe", WRITES));
        String message = "no label can be set, and a FIFO cannot be handed over; move it to a file system that";

        assertRefused(plan(Journal.EMPTY, POSSIBLE, pipe), Kind.LABELS_UNAVAILABLE, message);
    }

    @Test
    void and_no_other_way_to_start_it_is_named_for_such_a_file() {
        LabelledFile pipe = unlabelable(Cause.STORES_NONE, file(FileType.FIFO, "/vm/pipe", WRITES));
        String message = "no label can be set, and a FIFO cannot be handed over; move it to a file system that";

        assertRefused(plan(Journal.EMPTY, IMPOSSIBLE, pipe), Kind.LABELS_UNAVAILABLE, message);
    }
}
