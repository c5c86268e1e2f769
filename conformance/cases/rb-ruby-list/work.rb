class Work
  def self.f
    $stdout.puts "debug #{$DEBUG}"
  end
end
