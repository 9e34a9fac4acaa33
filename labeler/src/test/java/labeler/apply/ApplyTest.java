package labeler.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.journal.FileRecord;
import labeler.linux.FileHandle;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.fake.FakeLinux;
import labeler.linux.fake.Faults;
import labeler.plan.Sharing;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.tree.Trees;
import org.junit.jupiter.api.AfterEach;

/** A kernel in memory with the labels of its files. At the end nothing may be open. */
abstract class ApplyTest {
    static final String HOME = "system_u:object_r:user_home_t:s0";
    static final String TEMPORARY = "system_u:object_r:tmp_t:s0";
    static final String IMAGE = "system_u:object_r:svirt_image_t:s0:c1,c2";
    static final String CONTENT = "system_u:object_r:virt_content_t:s0";
    static final String BOOT = "this boot";
    static final String EARLIER_BOOT = "an earlier boot";

    final FakeLinux kernel = new FakeLinux();
    final Labels labels = labels(true);

    /** No test here has a tree. */
    final Trees trees = new Trees(
            Path.of("/nowhere"), kernel.linux().attributes(), kernel.linux().entries(), new NoRecords(), 1);

    private record NoRecords() implements Trees.OnRecord {
        @Override
        public boolean isHeld(FileIdentity identity) {
            return false;
        }

        @Override
        public boolean isOnRecord(FileIdentity identity) {
            return false;
        }

        @Override
        public boolean isReserved(Level level) {
            return false;
        }

        @Override
        public List<Long> numbers(FileIdentity root) {
            return List.of();
        }

        @Override
        public boolean isKnown(long number, FileIdentity root) {
            return false;
        }

        @Override
        public boolean isOurs(FileIdentity root, StoredLabel label) {
            return false;
        }
    }

    private final List<OpenedFile> opened = new ArrayList<>();

    @AfterEach
    void nothingIsLeftOpen() {
        opened.forEach(OpenedFile::close);
        assertThat(kernel.openDescriptors()).isZero();
    }

    Labels labels(boolean selinuxActive) {
        return new Labels(kernel.linux().attributes(), kernel.linux().fileSystems(), selinuxActive);
    }

    void file(String path, String label) {
        kernel.file(path, new byte[0]);
        kernel.setLabel(path, label);
    }

    void file(String path) {
        kernel.file(path, new byte[0]);
    }

    OpenedFile open(String path) {
        assertThat(kernel.linux().open().open(HostPath.of(path), OpenRequest.IMAGE))
                .isInstanceOfSatisfying(OpenedFile.class, opened::add);
        return opened.getLast();
    }

    static StoredLabel label(String context) {
        return StoredLabel.of(SecurityContext.parse(context).orElseThrow());
    }

    List<String> changes() {
        return kernel.faults().calls().stream()
                .filter(Faults.Call::changes)
                .map(call -> call.name() + " " + call.subject())
                .toList();
    }

    /** The record of an existing file that had {@link #HOME}, and has {@link #IMAGE} from us. */
    FileRecord record(String path) throws LinuxException {
        OpenedFile file = open(path);
        Optional<FileHandle> handle = kernel.linux().handles().of(file);
        FileRecord record = new FileRecord(
                1,
                file.identity(),
                kernel.linux().fileSystems().status(file).id(),
                file.path(),
                file.realPath(),
                handle,
                BOOT,
                Optional.of(label(HOME)),
                Optional.of(label(IMAGE)),
                Set.of(),
                Sharing.EXCLUSIVE,
                Optional.empty());
        opened.removeLast().close();
        kernel.faults().forgetCalls();
        return record;
    }

    static FileRecord seenIn(String boot, FileRecord record) {
        return new FileRecord(
                record.id(),
                record.identity(),
                record.fileSystem(),
                record.path(),
                record.realPath(),
                record.handle(),
                boot,
                record.original(),
                record.applied(),
                record.earlier(),
                record.sharing(),
                record.givenBackIn());
    }

    static FileRecord with(
            Optional<StoredLabel> original,
            Optional<StoredLabel> applied,
            Set<StoredLabel> earlier,
            FileRecord record) {
        return new FileRecord(
                record.id(),
                record.identity(),
                record.fileSystem(),
                record.path(),
                record.realPath(),
                record.handle(),
                record.bootId(),
                original,
                applied,
                earlier,
                record.sharing(),
                record.givenBackIn());
    }
}
