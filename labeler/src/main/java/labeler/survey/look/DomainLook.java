package labeler.survey.look;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import labeler.adoption.DefinedDomains;
import labeler.api.Definitions;
import labeler.problem.IoReason;
import labeler.problem.QuotedText;
import labeler.survey.Unseen;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/**
 * The domains that libvirt has a definition of.
 *
 * @param limit of one question: a libvirt that hangs is left out
 */
record DomainLook(DefinedDomains domains, Definitions definitions, Duration limit) {
    /** virsh answers in a fraction of a second. */
    static final Duration LIMIT = Duration.ofSeconds(20);

    /** More than any host runs. */
    private static final int MOST = 5_000;

    private static final String WHAT = "libvirt's domains";

    /** A domain by its definition for the next start. */
    record Defined(VmName name, VmDefinition definition) {}

    /** A question to virsh. */
    @FunctionalInterface
    private interface Question<T> {
        T ask() throws IOException;
    }

    List<Defined> look(List<Unseen> unseen, Consumer<String> progress) {
        ExecutorService asker = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("virsh").daemon().factory());
        List<Defined> defined = new ArrayList<>();
        try {
            DefinedDomains.Names names = answer(asker, domains::names);
            names.strange()
                    .forEach(name -> unseen.add(
                            new Unseen("the domain " + QuotedText.of(name), "no VM can have its name here")));
            for (VmName name : names.domains().stream().limit(MOST).toList()) {
                progress.accept("the definition of " + name);
                defined(asker, name, unseen).ifPresent(defined::add);
            }
            if (names.domains().size() > MOST) {
                unseen.add(new Unseen((names.domains().size() - MOST) + " more domains", "no more than " + MOST));
            }
        } catch (IOException e) {
            unseen.add(new Unseen(WHAT, IoReason.of(e)));
        } catch (TimeoutException e) {
            unseen.add(new Unseen(
                    defined.isEmpty() ? WHAT : "the rest of " + WHAT + ", after " + defined.size(),
                    "libvirt does not answer"));
        } finally {
            asker.shutdownNow();
        }
        return defined;
    }

    private Optional<Defined> defined(ExecutorService asker, VmName name, List<Unseen> unseen) throws TimeoutException {
        try {
            byte[] xml = answer(asker, () -> domains.xml(name));
            return Optional.of(new Defined(name, definitions.domainXml(xml)));
        } catch (IOException e) {
            // It may have been undefined meanwhile.
            unseen.add(new Unseen("the domain " + name, IoReason.of(e)));
            return Optional.empty();
        }
    }

    /** The program ends when its thread is interrupted. */
    private <T> T answer(ExecutorService asker, Question<T> question) throws IOException, TimeoutException {
        Future<T> asked = asker.submit(question::ask);
        try {
            return asked.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            asked.cancel(true);
        }
    }
}
