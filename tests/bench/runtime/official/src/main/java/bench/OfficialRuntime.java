package bench;

import io.camunda.client.jobhandling.CamundaClientExecutorService;
import java.util.concurrent.Executors;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/** The official runtime as it comes; with --bench.threads=N its jobs run on N virtual threads instead of its own pool. */
@SpringBootApplication
public class OfficialRuntime {
  public static void main(String[] arguments) {
    SpringApplication.run(OfficialRuntime.class, arguments);
  }

  @Bean(destroyMethod = "")
  @ConditionalOnProperty("bench.threads")
  CamundaClientExecutorService executor(@Value("${bench.threads}") int threads) {
    var factory = Thread.ofVirtual().name("job-", 0).factory();
    return new CamundaClientExecutorService(Executors.newScheduledThreadPool(threads, factory), true);
  }
}
