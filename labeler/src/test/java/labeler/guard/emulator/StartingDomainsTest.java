package labeler.guard.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.selinux.SecurityContext;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

class StartingDomainsTest {
    private static final VmName WEB1 = new VmName("web1");
    private static final VmName WEB2 = new VmName("web2");
    private static final Optional<SecurityContext> CHOSEN = SecurityContext.parse("system_u:system_r:svirt_t:s0:c1,c2");

    private final StartingDomains starting = new StartingDomains(name ->
            Optional.ofNullable(Map.of(WEB1, new Pid(11), WEB2, new Pid(22)).get(name)));

    private static PeerIdentity process(int pid, String context) {
        return new PeerIdentity(
                new Pid(pid),
                Optional.empty(),
                107,
                107,
                Set.of(),
                context.isEmpty() ? Optional.empty() : Optional.of(context.getBytes(StandardCharsets.UTF_8)));
    }

    private static StartingDomain domain(VmName name, Optional<SecurityContext> libvirts) {
        return new StartingDomain(name, libvirts, libvirts.isPresent(), Optional.empty(), true, true);
    }

    /** Its pid file names qemu itself, which could tell of a monitor of its own making. */
    @Test
    void a_domain_that_is_not_adopted_is_nobodys() {
        starting.announce(domain(WEB1, CHOSEN));

        starting.announce(new StartingDomain(WEB1, CHOSEN, true, Optional.empty(), false, true));

        assertThat(starting.take(process(11, "system_u:system_r:svirt_t:s0:c1,c2")))
                .isEmpty();
    }

    @Test
    void a_process_is_the_domain_that_its_pid_file_says_and_once() {
        starting.announce(domain(WEB1, Optional.empty()));
        starting.announce(domain(WEB2, Optional.empty()));

        assertThat(starting.take(process(33, ""))).isEmpty();
        assertThat(starting.take(process(22, ""))).map(StartingDomain::name).contains(WEB2);
        assertThat(starting.take(process(22, ""))).isEmpty();
        assertThat(starting.take(process(11, ""))).map(StartingDomain::name).contains(WEB1);
    }

    @Test
    void a_domain_that_is_not_announced_or_is_over_is_none() {
        assertThat(starting.take(process(11, ""))).isEmpty();
        starting.announce(domain(WEB1, Optional.empty()));
        starting.withdraw(WEB1);
        assertThat(starting.take(process(11, ""))).isEmpty();
    }

    @Test
    void an_announcement_that_nobody_takes_is_dropped_after_some_minutes() {
        AtomicLong time = new AtomicLong();
        AtomicInteger looks = new AtomicInteger();
        StartingDomains patient = new StartingDomains(
                name -> {
                    looks.incrementAndGet();
                    return Optional.of(new Pid(name.equals(WEB1) ? 11 : 22));
                },
                time::get);
        patient.announce(domain(WEB1, Optional.empty()));
        time.addAndGet(Duration.ofMinutes(9).toNanos());
        patient.announce(domain(WEB2, Optional.empty()));
        time.addAndGet(Duration.ofMinutes(2).toNanos());

        assertThat(patient.take(process(11, ""))).isEmpty();
        assertThat(looks).as("at the files of WEB2 alone").hasValue(1);
        assertThat(patient.take(process(22, ""))).isPresent();
    }

    @Test
    void who_cannot_be_a_process_of_libvirts_causes_no_look_at_files() {
        AtomicInteger looks = new AtomicInteger();
        StartingDomains counted = new StartingDomains(name -> {
            looks.incrementAndGet();
            return Optional.empty();
        });
        assertThat(counted.take(process(11, "unconfined_u:unconfined_r:unconfined_t:s0")))
                .isEmpty();
        counted.announce(domain(WEB1, CHOSEN));
        assertThat(counted.take(process(11, "unconfined_u:unconfined_r:unconfined_t:s0")))
                .isEmpty();
        assertThat(looks).hasValue(0);
    }

    @Test
    void at_another_level_than_libvirt_chose_it_is_not_its_process() {
        starting.announce(domain(WEB1, CHOSEN));

        assertThat(starting.take(process(11, "system_u:system_r:svirt_t:s0:c3,c4")))
                .isEmpty();
        assertThat(starting.take(process(11, "system_u:system_r:svirt_t:s0"))).isEmpty();
        assertThat(starting.take(process(11, "system_u:system_r:svirt_tcg_t:s0:c1,c2")))
                .isPresent();
    }
}
