package labeler.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditRecordsTest {
    private static final String FIELDS = "pid=1234 comm=\"qemu-system-x86\" path=\"/vm/a.qcow2\" dev=\"vda1\" ino=5678"
            + " scontext=system_u:system_r:svirt_t:s0:c1,c101 tcontext=system_u:object_r:virt_image_t:s0 tclass=file"
            + " permissive=0";
    private static final String AUDITD =
            "type=AVC msg=audit(1764230695.123:456): avc:  denied  { read write } for  " + FIELDS;

    private static Denial one(String... lines) {
        AuditRecords.Read read = AuditRecords.read(Stream.of(lines));
        assertThat(read.denials()).as("%s", read).hasSize(1);
        return read.denials().getFirst();
    }

    @Test
    void a_record_of_auditd_is_read_in_full() {
        Denial denial = one(AUDITD);

        assertThat(denial.permissions()).containsExactly("read", "write");
        assertThat(denial.pid()).contains(new Pid(1234));
        assertThat(denial.command()).contains("qemu-system-x86");
        assertThat(denial.path()).contains(HostPath.of("/vm/a.qcow2"));
        assertThat(denial.device()).contains("vda1");
        assertThat(denial.inode()).hasValue(5678);
        assertThat(denial.source().level()).isEqualTo("s0:c1,c101");
        assertThat(denial.target().type()).isEqualTo("virt_image_t");
        assertThat(denial.objectClass()).isEqualTo("file");
        assertThat(denial.isPermissive()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "audit: type=1400 audit(1764230695.123:456): avc:  denied  { read write } for  ",
                "[ 12.3] audit: type=1400 audit(1764230695.123:456): avc:  denied  { read write } for  ",
                "type=AVC msg=audit(11/27/2026 07:44:55.123:456) : avc:  denied  { read write } for  ",
                "[Fri Nov 27 07:44:55 2026] audit: type=1400 audit(1764230695.123:456): avc:  denied  { read write } for  ",
                "avc:  denied  { read write } for  ",
                "AVC avc:  denied  { read write } for  ",
                "node=host type=AVC msg=audit(1764230695.123:456): avc: denied { read write } for "
            })
    void the_same_record_is_read_wherever_it_was_printed(String begin) {
        assertThat(one(begin + FIELDS)).isEqualTo(one(AUDITD));
    }

    @Test
    void a_name_with_odd_bytes_is_in_hexadecimal_and_its_deleted_mark_is_none_of_its_own() {
        assertThat(one(AUDITD.replace("\"/vm/a.qcow2\"", "2F766D2F61200A1B5B324AFF"))
                        .path())
                .contains(HostPath.of(new byte[] {'/', 'v', 'm', '/', 'a', ' ', '\n', 27, '[', '2', 'J', (byte) 0xff}));
        String deleted =
                HexFormat.of().withUpperCase().formatHex("/vm/a (deleted)".getBytes(StandardCharsets.US_ASCII));
        assertThat(one(AUDITD.replace("\"/vm/a.qcow2\"", deleted)).path()).contains(HostPath.of("/vm/a"));
        // In quotes it is a name, however it looks.
        assertThat(one(AUDITD.replace("\"/vm/a.qcow2\"", "\"/AB\"")).path()).contains(HostPath.of("/AB"));
        assertThat(one(AUDITD.replace("\"qemu-system-x86\"", "2241")).command()).contains("\"A");
    }

    @Test
    void what_is_no_name_of_a_file_is_none() {
        assertThat(one(AUDITD.replace("\"/vm/a.qcow2\"", "\"pipe:[123]\"")).path())
                .isEmpty();
        assertThat(one(AUDITD.replace("path=\"/vm/a.qcow2\"", "name=(null)")).name())
                .isEmpty();
    }

    @Test
    void a_name_in_a_record_beside_it_completes_a_denial_of_the_same_file() {
        String denied = AUDITD.replace("path=\"/vm/a.qcow2\"", "name=\"a.qcow2\"");
        String event = "msg=audit(1764230695.123:456): ";
        String path = "item=0 name=\"/vm/a.qcow2\" inode=5678 dev=fd:00 mode=0100644 nametype=NORMAL";

        assertThat(one(denied).path()).isEmpty();
        assertThat(one(denied).name()).contains(HostPath.of("a.qcow2"));
        assertThat(one("type=PATH " + event + path, denied).path()).contains(HostPath.of("/vm/a.qcow2"));
        assertThat(one(denied, "type=CWD " + event + " cwd=\"/vm\"", "type=PATH " + event + path.replace("/vm/", ""))
                        .path())
                .contains(HostPath.of("/vm/a.qcow2"));
        assertThat(one(denied, "type=PATH " + event.replace("456", "457") + path)
                        .path())
                .isEmpty();
        assertThat(one(denied, "type=PATH " + event + path.replace("5678", "1")).path())
                .isEmpty();
    }

    @Test
    void no_text_of_a_process_can_pretend_to_be_a_field_or_a_record() {
        // The kernel writes such a name in hexadecimal; in quotes it could not hold a quote.
        String forged = "\" scontext=x tcontext=y";
        String hexadecimal = HexFormat.of().withUpperCase().formatHex(forged.getBytes(StandardCharsets.US_ASCII));
        assertThat(one(AUDITD.replace("\"qemu-system-x86\"", hexadecimal)).command())
                .contains(forged);
        assertThat(AuditRecords.read(Stream.of(AUDITD + " scontext=a:b:c:s0")).unreadable())
                .isEqualTo(1);
        assertThat(AuditRecords.read(Stream.of("type=USER_AVC msg=audit(1.2:3): pid=1 msg='" + AUDITD + "'"))
                        .denials())
                .isEmpty();
        assertThat(AuditRecords.read(Stream.of(AUDITD.replace("tclass=file", "tclass=\"f i\"")))
                        .unreadable())
                .isEqualTo(1);
    }

    /** A control group's name, and the arguments of a process as ausearch -i prints them. Anybody chooses these. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "cgroup: fork rejected by pids controller in /user.slice/%s",
                "[   12.345678] cgroup: fork rejected by pids controller in /user.slice/%s",
                "oom-kill:constraint=CONSTRAINT_MEMCG,task_memcg=/user.slice/audit: type=1400 audit(1.2:3): %s",
                "type=PROCTITLE msg=audit(11/27/2026 07:44:55.123:456) : proctitle=%s",
                "type=PROCTITLE msg=audit(11/27/2026 07:44:55.123:456) : proctitle=type=AVC msg=audit(1.2:3): %s",
                "type=USER_AVC msg=audit(1.2:3): pid=1 msg='%s",
                "Nov 27 07:44:55 host program[12]: %s"
            })
    void a_text_of_somebodys_choice_is_no_denial(String line) {
        String denial = AUDITD.substring(AUDITD.indexOf("avc:"));
        AuditRecords.Read read = AuditRecords.read(Stream.of(line.formatted(denial)));

        assertThat(read.denials()).isEmpty();
        assertThat(read.unreadable()).isEqualTo(1);
    }

    @Test
    void a_text_of_somebodys_choice_gives_a_denial_no_name() {
        String denied = AUDITD.replace("path=\"/vm/a.qcow2\"", "name=\"a.qcow2\"");
        String forged = "type=PATH msg=audit(1764230695.123:456): item=0 name=\"/vm/other\" inode=5678";

        assertThat(one(denied, "type=PROCTITLE msg=audit(1764230695.123:456): proctitle=" + forged)
                        .path())
                .isEmpty();
        assertThat(one(
                                denied,
                                "cgroup: fork rejected by pids controller in /" + forged,
                                "type=PATH msg=audit(1764230695.123:456): item=0 name=\"a.qcow2\" inode=5678",
                                "type=PROCTITLE msg=audit(1764230695.123:456): proctitle=type=CWD"
                                        + " msg=audit(1764230695.123:456): cwd=\"/vm\"")
                        .path())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "avc:",
                "avc:  denied  { } for  ",
                "avc:  denied  { read } for  pid=1",
                "avc:  denied  { read } for  scontext= tcontext= tclass=",
                "avc:  denied  { read } for  comm=\"x scontext=a:b:c:s0 tcontext=a:b:c:s0 tclass=file",
                "avc:  denied  { read } for  scontext=\u0000 tcontext=a:b:c:s0 tclass=file",
                "avc:  granted  { read } for  scontext=a:b:c:s0 tcontext=a:b:c:s0 tclass=file"
            })
    void a_line_that_is_no_denial_is_never_guessed_at(String line) {
        assertThat(AuditRecords.read(Stream.of(line)).denials()).isEmpty();
    }

    @Test
    void no_line_whatever_it_holds_makes_reading_or_explaining_fail() {
        Random random = new Random(20_261_127);
        Facts nothing = new Facts(List.of(), Optional.empty(), List.of(), "/run/NAME");
        for (int i = 0; i < 100_000; i++) {
            String line = mutated(random);
            assertThatCode(() -> AuditRecords.read(Stream.of(line, AUDITD))
                            .denials()
                            .forEach(denial -> DenialExplanation.of(denial, Optional.empty(), nothing)))
                    .as("%s", line)
                    .doesNotThrowAnyException();
        }
        assertThat(AuditRecords.read(Stream.of("avc:  denied " + "{ a ".repeat(100_000)))
                        .unreadable())
                .isEqualTo(1);
    }

    private static String mutated(Random random) {
        StringBuilder line = new StringBuilder(AUDITD);
        int changes = 1 + random.nextInt(6);
        for (int i = 0; i < changes && !line.isEmpty(); i++) {
            int at = random.nextInt(line.length());
            switch (random.nextInt(4)) {
                case 0 -> line.setCharAt(at, (char) random.nextInt(0x180));
                case 1 -> line.deleteCharAt(at);
                case 2 -> line.delete(at, Math.min(line.length(), at + random.nextInt(40)));
                default -> line.insert(at, AUDITD, 0, random.nextInt(AUDITD.length()));
            }
        }
        return line.toString();
    }

    @Test
    void nothing_in_an_explanation_can_control_a_terminal() {
        Facts nothing = new Facts(List.of(), Optional.empty(), List.of(), "/run/NAME");
        Denial denial = one(AUDITD.replace("\"qemu-system-x86\"", "1B5B324A0A")
                .replace("\"/vm/a.qcow2\"", "2F1B5B324A")
                .replace("\"vda1\"", "\"\u001b[2J\""));

        assertThat(DenialExplanation.of(denial, Optional.empty(), nothing).sentences())
                .allSatisfy(sentence ->
                        assertThat(sentence).doesNotContain("\u001b").doesNotContain("\n"));
    }
}
