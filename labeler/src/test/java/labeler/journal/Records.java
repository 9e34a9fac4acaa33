package labeler.journal;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import labeler.fileset.External;
import labeler.fileset.FileUse;
import labeler.linux.FileHandle;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.Timestamp;
import labeler.plan.Sharing;
import labeler.plan.Treatment;
import labeler.plan.VmContexts;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.StartedBy;
import labeler.vm.UseAccess;
import labeler.vm.VmName;

/** Records as a start makes them, with bytes and numbers at the edge of what there is. */
final class Records {
    static final StoredLabel WITHOUT_NUL =
            StoredLabel.of("system_u:object_r:etc_t:s0".getBytes(StandardCharsets.US_ASCII));

    private Records() {}

    private static SecurityContext context(String text) {
        return SecurityContext.parse(text).orElseThrow();
    }

    static VmRecord vm(String name, FileRecord... files) {
        return vm(name, Optional.empty(), files);
    }

    static VmRecord vm(String name, Optional<HostPath> directory, FileRecord... files) {
        Level level = Level.parse("s0:c1,c2").orElseThrow();
        return new VmRecord(
                new VmName(name),
                VmRecord.Phase.STARTING,
                new VmContexts(
                        level,
                        context("u:r:svirt_t:s0:c1,c2"),
                        context("u:r:svirt_image_t:s0:c1,c2"),
                        context("u:r:virt_content_t:s0"),
                        context("u:r:svirt_image_t:s0")),
                Optional.of(new ProcessIdentity(new Pid(42), 12345)),
                new VmRecord.Confinement(true, true),
                Stream.concat(
                                Arrays.stream(files).map(file -> hold(OptionalLong.of(file.id()), file.path())),
                                Stream.of(hold(OptionalLong.empty(), HostPath.of("/usr/fw"))))
                        .toList(),
                List.of(new External("nbd://host/x", "nbd", FileRole.BACKING, "/vm/a")),
                List.of(),
                new VmRecord.Start("boot", StartedBy.LAUNCHER, directory));
    }

    static FileHold hold(OptionalLong file, HostPath path) {
        return new FileHold(
                file,
                path,
                file.isPresent() ? Treatment.LABEL : Treatment.LEAVE,
                "because",
                List.of(new FileUse(new Origin("-drive[0]"), FileRole.DISK, UseAccess.READ_WRITE)),
                new HoldTrigger.Start(),
                List.of(),
                false);
    }

    static FileRecord file(long id, Optional<StoredLabel> original) {
        return new FileRecord(
                id,
                new FileIdentity(0x801, -id, Optional.of(new Timestamp(1_700_000_000L, 999_999_999))),
                original.isPresent() ? OptionalLong.of(-id) : OptionalLong.empty(),
                HostPath.of(new byte[] {'/', (byte) 0xff, (byte) id}),
                HostPath.of("/real/" + id),
                original.map(label -> new FileHandle(1, new byte[] {(byte) id, -1})),
                "boot",
                original,
                Optional.of(StoredLabel.of(context("u:r:svirt_image_t:s0:c1,c2")))
                        .filter(_ -> id != 3),
                Set.of(StoredLabel.of(context("u:r:svirt_image_t:s0:c3,c4"))),
                Sharing.EXCLUSIVE,
                Optional.empty());
    }

    /** Changes a journal that nobody has open, as another version or a fault would. */
    static void change(Path directory, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("journal.db"));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }
}
