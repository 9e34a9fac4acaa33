package labeler.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DenialsTest {
    private static Denials of(IntStream inodes) {
        Stream<String> lines =
                inodes.mapToObj(inode -> "type=AVC msg=audit(1764230695.123:" + inode + "): avc:  denied "
                        + " { read } for  pid=12 comm=\"qemu\" name=\"a\" dev=\"vda1\" ino=" + inode
                        + " scontext=system_u:system_r:svirt_t:s0:c1,c101 tcontext=system_u:object_r:virt_image_t:s0 tclass=file"
                        + " permissive=0");
        return new Denials(AuditRecords.read(lines));
    }

    private static List<Long> inodes(Denials denials) {
        return denials.newest().stream()
                .map(denial -> denial.inode().orElseThrow())
                .toList();
    }

    @Test
    void of_too_many_the_newest_are_kept() {
        Denials denials = of(IntStream.rangeClosed(1, Denials.MOST + 3));

        assertThat(inodes(denials)).hasSize(Denials.MOST).startsWith(4L).endsWith(Denials.MOST + 3L);
        assertThat(denials.leftOut()).isEqualTo(3);
    }

    @Test
    void each_has_the_time_of_its_last_one_if_the_record_tells() {
        String line = "type=AVC msg=audit(%s): avc:  denied  { read } for  pid=12 comm=\"qemu\" dev=\"vda1\" ino=1"
                + " scontext=system_u:system_r:svirt_t:s0:c1,c101 tcontext=system_u:object_r:virt_image_t:s0 tclass=file";
        Stream<String> lines = Stream.of(
                        "1764230695.123:1", "1764230697.007:3", "1764230696.000:2", "11/27/2026 08:04:59.000:4")
                .map(line::formatted);
        Denials denials = new Denials(AuditRecords.read(lines));

        Denial denial = denials.newest().getFirst();
        assertThat(denials.count(denial)).isEqualTo(4);
        assertThat(denials.last(denial)).contains(Instant.ofEpochSecond(1_764_230_697, 7_000_000));
        assertThat(new Denials(AuditRecords.read(Stream.of(line.formatted("yesterday:4")))).last(denial))
                .isEmpty();
    }

    @Test
    void a_denial_that_came_again_is_new() {
        Denials denials = of(IntStream.concat(IntStream.rangeClosed(1, Denials.MOST + 1), IntStream.of(1)));

        assertThat(inodes(denials)).startsWith(3L).endsWith(1L);
        assertThat(denials.count(denials.newest().getLast())).isEqualTo(2);
    }
}
