package labeler.apply;

import static org.assertj.core.api.Assertions.assertThat;

import labeler.apply.Reverter.Failed;
import labeler.apply.Reverter.Found;
import labeler.apply.Reverter.Gone;
import labeler.apply.Reverter.NotFound;
import labeler.apply.Reverter.Same;
import labeler.journal.FileRecord;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.fake.FakeMount;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Finding recorded files again, and the messages for missing ones. */
class RecordedFilesTest extends ApplyTest {
    private final RecordedFiles files = new RecordedFiles(kernel.linux(), BOOT);

    private void assertFoundAt(String path, FileRecord record) {
        assertThat(files.find(record)).isInstanceOfSatisfying(Same.class, same -> {
            assertThat(same.file().realPath()).hasToString(path);
            same.file().close();
        });
    }

    private void assertNotFound(FileRecord record, String... words) {
        assertThat(files.find(record))
                .isInstanceOfSatisfying(
                        NotFound.class, found -> assertThat(found.detail()).contains(words));
    }

    private void assertUnreachable(FileRecord record, String... words) {
        assertThat(files.find(record))
                .isInstanceOfSatisfying(
                        Failed.class, found -> assertThat(found.message()).contains(words));
    }

    private FileRecord recorded(String path) throws LinuxException {
        file(path, IMAGE);
        return record(path);
    }

    @Test
    void a_file_is_found_where_it_was() throws LinuxException {
        assertFoundAt("/vm/a", recorded("/vm/a"));
    }

    @Test
    void a_file_is_found_where_the_name_that_the_vm_used_leads_now() throws LinuxException {
        kernel.rootMount().withoutHandles();
        file("/pool/a", IMAGE);
        kernel.symbolicLink("/vm/link", "/pool/a");
        FileRecord record = record("/vm/link");

        kernel.rename("/pool/a", "/pool/b");
        kernel.delete("/vm/link");
        kernel.symbolicLink("/vm/link", "/pool/b");

        assertFoundAt("/pool/b", record);
    }

    @Test
    void a_file_that_was_moved_is_found_by_its_handle() throws LinuxException {
        FileRecord record = recorded("/vm/a");
        kernel.rename("/vm/a", "/vm/elsewhere/b");

        assertFoundAt("/vm/elsewhere/b", record);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_file_is_found_though_its_file_system_tells_births_only_now_or_no_more(boolean isToldNow)
            throws LinuxException {
        FakeMount mount = kernel.mount("/data").birthTimes(!isToldNow);
        FileRecord record = recorded("/data/a");
        mount.birthTimes(isToldNow);

        assertFoundAt("/data/a", record);
        mount.device(record.identity().device() + 1);
        assertNotFound(record, "another file has taken its place");
    }

    /** Inode and device alone do not tell one file system of a user's own making from another. */
    @Test
    void without_its_birth_it_needs_the_same_file_system() throws LinuxException {
        FakeMount mount = kernel.mount("/data");
        FileRecord record = recorded("/data/a");
        mount.birthTimes(false).withoutId();

        assertNotFound(record, "another file has taken its place");
    }

    @Test
    void also_where_another_file_or_a_directory_has_its_name_now() throws LinuxException {
        FileRecord one = recorded("/vm/one");
        FileRecord two = recorded("/vm/two");
        kernel.rename("/vm/one", "/vm/moved");
        file("/vm/one", HOME);
        kernel.rename("/vm/two", "/vm/moved too");
        kernel.directory("/vm/two");

        assertFoundAt("/vm/moved", one);
        assertFoundAt("/vm/moved too", two);
    }

    @Test
    void a_file_that_was_moved_is_lost_where_there_are_no_handles() throws LinuxException {
        kernel.rootMount().withoutHandles();
        FileRecord record = recorded("/vm/a");
        kernel.rename("/vm/a", "/vm/b");

        assertNotFound(record, "whether it was deleted or renamed cannot be told on its file system");
    }

    @Test
    void a_file_that_was_replaced_is_lost_where_there_are_no_handles() throws LinuxException {
        kernel.rootMount().withoutHandles();
        FileRecord record = recorded("/vm/a");
        file("/vm/a", HOME);

        assertNotFound(record, "another file has taken its place");
    }

    @Test
    void a_file_is_deleted_where_its_file_system_says_so() throws LinuxException {
        FileRecord record = recorded("/vm/a");
        kernel.delete("/vm/a");

        assertThat(files.find(record))
                .isInstanceOfSatisfying(
                        Gone.class, gone -> assertThat(gone.detail()).endsWith("; it is deleted"));
    }

    @Test
    void a_name_that_cannot_be_read_tells_of_no_deletion_although_the_handle_is_stale() throws LinuxException {
        FileRecord record = recorded("/vm/a");
        kernel.delete("/vm/a");
        kernel.faults().failAlways("openat2", "/vm/a", Errno.EIO);

        assertUnreachable(record, "Input/output error", "cannot be told");
    }

    @Test
    void whether_it_is_deleted_cannot_be_told_after_a_reboot() throws LinuxException {
        FileRecord record = seenIn(EARLIER_BOOT, recorded("/vm/a"));
        kernel.delete("/vm/a");

        assertNotFound(record, "cannot be told");
    }

    @Test
    void what_another_file_system_on_its_device_says_of_it_is_not_heard() throws LinuxException {
        FakeMount mount = kernel.mount("/data");
        FileRecord record = recorded("/data/a");
        kernel.delete("/data/a");
        mount.device(0x999);
        kernel.mount("/other").device(record.identity().device());

        assertNotFound(record, "another file system has its device now");
    }

    @Test
    void a_file_whose_file_system_is_not_there_is_lost() throws LinuxException {
        FakeMount mount = kernel.mount("/data");
        FileRecord record = recorded("/data/a");
        kernel.delete("/data/a");
        mount.device(0x999);

        assertNotFound(record, "its file system is not mounted where it was");
    }

    @Test
    void a_file_is_the_same_under_another_device_after_a_reboot() throws LinuxException {
        FakeMount mount = kernel.mount("/data");
        FileRecord record = seenIn(EARLIER_BOOT, recorded("/data/a"));
        mount.device(0x999);

        assertFoundAt("/data/a", record);
    }

    @Test
    void and_in_this_boot_as_long_as_nothing_is_mounted_from_the_old_one() throws LinuxException {
        FakeMount mount = kernel.mount("/data");
        FileRecord record = recorded("/data/a");
        mount.device(0x999);

        assertFoundAt("/data/a", record);
    }

    @Test
    void or_what_is_mounted_from_the_old_one_is_another_file_system() throws LinuxException {
        FakeMount mount = kernel.mount("/data");
        FileRecord record = recorded("/data/a");
        mount.device(0x999);
        kernel.mount("/other").device(record.identity().device());

        assertFoundAt("/data/a", record);
    }

    @Test
    void a_file_of_a_copy_is_another_one_while_the_recorded_files_own_file_system_is_there() throws LinuxException {
        FakeMount original = kernel.mount("/one");
        FileRecord record = recorded("/one/disk");
        kernel.mount("/two").copyOf(original);
        file("/two/disk", IMAGE);
        kernel.delete("/one/disk");
        kernel.rename("/two/disk", "/one/disk");

        assertThat(files.find(record)).isInstanceOf(Gone.class);
    }

    @Test
    void a_file_is_not_taken_for_deleted_where_nobody_can_tell_what_has_its_device_now() throws LinuxException {
        FakeMount mount = kernel.mount("/data");
        FileRecord record = recorded("/data/a");
        mount.device(0x999);
        kernel.mount("/other").device(record.identity().device());
        kernel.faults().failAlways("openat2", "/other", Errno.EMFILE);

        assertUnreachable(record, "whether its own file system has its device still cannot be told");

        kernel.faults().clear();
        assertFoundAt("/data/a", record);
    }

    @Test
    void a_second_mount_that_cannot_be_opened_is_no_doubt() throws LinuxException {
        FileRecord record = recorded("/vm/a");
        kernel.mount("/again").device(record.identity().device());
        kernel.delete("/vm/a");
        kernel.faults().failAlways("openat2", "/again", Errno.EACCES);

        assertThat(files.find(record)).isInstanceOf(Gone.class);
    }

    @Test
    void where_nothing_but_the_device_tells_file_systems_apart_it_is_believed() throws LinuxException {
        kernel.mount("/data").withoutId();
        FileRecord record = recorded("/data/a");
        kernel.delete("/data/a");
        kernel.faults().failAlways("openat2", "/data", Errno.EACCES);

        assertThat(files.find(record)).isInstanceOf(Gone.class);
    }

    @Test
    void a_file_of_the_same_number_and_birth_on_another_file_system_is_another_one() throws LinuxException {
        FakeMount mount = kernel.mount("/data");
        FileRecord record = seenIn(EARLIER_BOOT, recorded("/data/a"));
        mount.copyOf(kernel.mount("/other"));

        assertNotFound(record, "another file has taken its place");
    }

    @Test
    void a_file_system_without_an_id_contradicts_nothing() throws LinuxException {
        FakeMount mount = kernel.mount("/data");
        FileRecord record = recorded("/data/a");
        mount.withoutId();

        assertFoundAt("/data/a", record);
    }

    @Test
    void a_name_that_cannot_be_used_hides_no_file_from_its_handle() throws LinuxException {
        FileRecord record = recorded("/vm/a");
        kernel.faults().failAlways("openat2", "/vm/a", Errno.EACCES);

        assertFoundAt("/vm/a", record);
    }

    @Test
    void a_name_that_cannot_be_used_is_an_error_where_there_is_no_handle() throws LinuxException {
        kernel.rootMount().withoutHandles();
        FileRecord record = recorded("/vm/a");
        kernel.faults().failAlways("openat2", "/vm/a", Errno.EACCES);

        assertUnreachable(record, Errno.EACCES.text());
    }

    /** A file whose handle cannot be used, neither at its own mount nor at another. */
    private FileRecord deleted(Errno atItsMount, Errno atAnother) throws LinuxException {
        FileRecord record = recorded("/vm/a");
        kernel.delete("/vm/a");
        kernel.faults().failAlways("open_by_handle_at", "/vm/a", atItsMount);
        kernel.faults().failAlways("open_by_handle_at", "/x", atAnother);
        return record;
    }

    @Test
    void a_handle_that_cannot_be_used_just_now_is_an_error_and_not_the_end_of_the_file() throws LinuxException {
        assertUnreachable(deleted(Errno.EMFILE, Errno.EMFILE), Errno.EMFILE.text());
    }

    @Test
    void a_handle_that_failed_at_one_mount_may_lead_to_the_file_another_time_whatever_the_others_say()
            throws LinuxException {
        assertUnreachable(deleted(Errno.EMFILE, Errno.EPERM), Errno.EMFILE.text());
    }

    @Test
    void one_that_nobody_may_use_leaves_the_file_lost() throws LinuxException {
        assertNotFound(deleted(Errno.EPERM, Errno.EPERM), Errno.EPERM.text());
    }

    @Test
    void a_handle_is_asked_for_at_the_mounts_of_its_device_too() throws LinuxException {
        FileRecord record = recorded("/vm/a");
        kernel.rename("/vm/a", "/vm/b");
        kernel.faults().failAlways("open_by_handle_at", "/vm/a", Errno.EPERM);

        assertFoundAt("/vm/b", record);
    }

    @Test
    void an_error_while_checking_a_file_is_one() throws LinuxException {
        FileRecord record = recorded("/vm/a");
        kernel.faults().failAlways("fstatfs", "/vm/a", Errno.EIO);

        assertUnreachable(record, Errno.EIO.text());
    }

    @Test
    void an_error_while_looking_for_mounts_is_one() throws LinuxException {
        FileRecord record = recorded("/vm/a");
        kernel.delete("/vm/a");
        kernel.faults().failAlways("mountinfo", Long.toString(record.identity().device()), Errno.EIO);

        Found found = files.find(record);

        assertThat(found)
                .isInstanceOfSatisfying(
                        Failed.class,
                        unreachable -> assertThat(unreachable.message()).contains(Errno.EIO.text()));
    }
}
