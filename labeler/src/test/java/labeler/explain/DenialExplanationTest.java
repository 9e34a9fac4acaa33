package labeler.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DenialExplanationTest {
    private static Optional<Reading> reading(String denied, String target) {
        Denial denial = AuditRecords.read(Stream.of("type=AVC msg=audit(1764230695.123:4): avc:  denied  " + denied
                        + " scontext=system_u:system_r:svirt_t:s0:c1,c101 tcontext=" + target + " permissive=0"))
                .denials()
                .getFirst();
        return DenialExplanation.of(denial, new Facts(List.of(), Optional.empty(), List.of(), "/run/NAME/qmp.sock"))
                .reading();
    }

    /** Seen at the start and the end of a VM that nobody attacks, on Debian 13. */
    @Test
    void what_qemu_tries_by_itself_is_harmless_and_what_looks_like_it_is_not() {
        String processors = "{ read } for  pid=12 comm=\"qemu-system-x86\" name=\"possible\" dev=\"sysfs\" ino=51";
        String sysfs = "system_u:object_r:sysfs_t:s0 tclass=file";
        assertThat(reading(processors, sysfs)).hasValue(Reading.HARMLESS);
        assertThat(reading(processors.replace("read", "write"), sysfs)).hasValue(Reading.NO_VM);
        assertThat(reading(processors.replace("possible", "online"), sysfs)).hasValue(Reading.NO_VM);

        String sender = "{ search } for  pid=12 comm=\"qemu-system-x86\" name=\"1\" dev=\"proc\" ino=52";
        assertThat(reading(sender, "system_u:system_r:init_t:s0 tclass=dir")).hasValue(Reading.HARMLESS);
        assertThat(reading(sender, "system_u:system_r:labelerd_t:s0-s0:c0.c1023 tclass=dir"))
                .hasValue(Reading.HARMLESS);
        assertThat(reading(sender, "system_u:system_r:svirt_t:s0:c3,c4 tclass=dir"))
                .hasValue(Reading.NO_VM);
        assertThat(reading(sender.replace("search", "read"), "system_u:system_r:init_t:s0 tclass=dir"))
                .hasValue(Reading.NO_VM);
    }
}
